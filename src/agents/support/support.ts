import { defineAgent } from '../define-agent.ts'

export const support = defineAgent({
  name: 'support',
  version: 'v1',
  purpose:
    'Helps a customer of the shop: finds orders and help articles, creates returns, issues refunds, fetches a person.',
  tier: 'standard',
  prompt: { name: 'support', version: 'v1' },
  tools: [
    'list_orders',
    'get_order',
    'search_help',
    'read_article',
    'create_return',
    'issue_refund',
    'escalate_to_person',
  ],
  degradedAnswer:
    'I am sorry, I cannot finish your request right now. Nothing is lost: please write again in a few minutes, or to help@larkmoor.example.',
})
