import { defineSpecialist } from '../define-agent.ts'

/** Orders, parcels and money. The only one who pays anything back. */
export const billing = defineSpecialist({
  name: 'billing',
  version: 'v1',
  tier: 'standard',
  prompt: { name: 'billing', version: 'v1' },
  tools: [
    'list_orders',
    'get_order',
    'search_help',
    'read_article',
    'research',
    'issue_refund',
    'escalate_to_person',
    'hand_back',
  ],
  degradedAnswer:
    'I am sorry, I cannot finish your request right now. What was refunded stays refunded, and nothing more happens without you: please write again in a few minutes, or to help@larkmoor.example.',
})
