import { defineSpecialist } from '../define-agent.ts'

/** What goes back: a change of mind, and repairs under the guarantee. */
export const returns = defineSpecialist({
  name: 'returns',
  version: 'v1',
  tier: 'standard',
  prompt: { name: 'returns', version: 'v1' },
  tools: [
    'list_orders',
    'get_order',
    'search_help',
    'read_article',
    'create_return',
    'escalate_to_person',
    'hand_back',
  ],
  degradedAnswer:
    'I am sorry, I cannot finish your request right now. A return that I have confirmed stands; for everything else please write again in a few minutes, or to help@larkmoor.example.',
})
