import { defineAgent, findParcel, printLabel, quotePrice } from './tools.ts'

/** Its first model is OpenAI's, and its second one another provider's. */
export const support = defineAgent({
  name: 'support',
  version: 'v1',
  purpose: 'Says where parcels are.',
  instructions: 'Say where the parcel is, and what it costs.',
  models: ['openai/gpt-5.5', 'anthropic/claude-haiku-4-5'],
  tools: [findParcel, quotePrice],
})

/** One answer of its full length costs about a dollar. */
export const analyst = defineAgent({
  name: 'analyst',
  version: 'v1',
  purpose: 'Writes long reports.',
  instructions: 'Write the report.',
  models: [{ model: 'openai/gpt-5.5', maxOutputTokens: 32_000 }],
  budget: { limits: { maxCostMicroUsd: 5_000_000 } },
})

/** An agent of the next release. */
export const courier = defineAgent({
  name: 'courier',
  version: 'v1',
  purpose: 'Prints labels.',
  instructions: 'Print the label.',
  tools: [printLabel],
})
