import { defineAgent } from '../define-agent.ts'

/** Reads and reports, for other agents as well as for whoever starts it. */
export const research = defineAgent({
  name: 'research',
  version: 'v1',
  purpose:
    'Looks into a question that takes many look-ups in orders and help articles, and reports what it found. It only reads.',
  tier: 'standard',
  prompt: { name: 'research', version: 'v1' },
  tools: ['list_orders', 'get_order', 'search_help', 'read_article'],
  whenNoModel: 'answer',
  degradedAnswer: 'The question could not be looked into: the language models are not available.',
})
