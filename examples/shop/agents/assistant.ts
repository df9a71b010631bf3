import { defineAgent, prompt } from 'holdfast'

export const assistant = defineAgent({
  name: 'assistant',
  version: 'v1',
  purpose: 'Answers a question in plain language, without tools.',
  instructions: prompt('assistant.v1'),
  whenNoModel: 'answer',
  degradedAnswer:
    'I cannot answer right now because the language models are not available. Please try again in a few minutes.',
  limits: { maxSteps: 10, deadlineMs: 1_800_000 },
  budget: {
    limits: { maxCostMicroUsd: 1_000_000, maxTokens: 1_000_000, maxModelCalls: 60 },
    onReached: 'degrade',
  },
})
