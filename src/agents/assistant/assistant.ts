import { defineAgent } from '../define-agent.ts'

export const assistant = defineAgent({
  name: 'assistant',
  version: 'v1',
  purpose: 'Answers a question in plain language, without tools.',
  tier: 'standard',
  prompt: { name: 'assistant', version: 'v1' },
  tools: [],
  whenNoModel: 'answer',
  degradedAnswer:
    'I cannot answer right now because the language models are not available. Please try again in a few minutes.',
})
