import { MODEL_WAIT_MS } from '../../policies/models.ts'
import { defineAgent } from '../define-agent.ts'

/** The front desk: answers what the help articles answer, and hands everything else to a specialist. */
export const support = defineAgent({
  name: 'support',
  version: 'v2',
  purpose:
    'Helps a customer of the shop: a front desk with specialists for orders and refunds, returns, and the products themselves.',
  tier: 'standard',
  prompt: { name: 'support', version: 'v2' },
  tools: [
    'handoff_to_billing',
    'handoff_to_returns',
    'handoff_to_technical',
    'search_help',
    'read_article',
    'escalate_to_person',
  ],
  whenNoModel: { waitMs: MODEL_WAIT_MS },
  degradedAnswer:
    'I am sorry, I cannot finish your request right now. Nothing is lost: please write again in a few minutes, or to help@larkmoor.example.',
})
