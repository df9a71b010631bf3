import { z } from 'zod'
import { defineAgent, defineApp, defineTool } from '../../../src/index.ts'

/** An application whose example nobody may approve alone, and its requester not at all. */
const order = defineTool({
  name: 'order',
  description: 'Orders an article. It cannot be undone.',
  input: z.strictObject({ sku: z.string() }),
  effect: 'irreversible',
  idempotency: 'key',
  approval: { rules: [{ name: 'two-buyers', when: 'always', verdict: 'ask', terms: 'buyers' }] },
  execute: (_, { approvedBy }) => ({ ordered: true, approvedBy }),
})

const badge = defineTool({
  name: 'badge',
  description: 'Prints a badge.',
  input: z.strictObject({ name: z.string() }),
  effect: 'write',
  idempotency: 'key',
  approval: { rules: [{ name: 'host-agrees', when: 'always', verdict: 'ask', terms: 'host' }] },
  approvers: () => ({ principals: ['hana'] }),
  execute: (_, { approvedBy }) => ({ printed: true, approvedBy }),
})

export default defineApp({
  name: 'purchases',
  agents: [
    defineAgent({
      name: 'buyer',
      version: 'v1',
      instructions: 'You buy what is asked for.',
      tools: [order, badge],
    }),
  ],
  approvalTerms: {
    buyers: { approvers: ['buyers'], quorum: 2, excludeRequester: true },
    host: { excludeRequester: true },
  },
  local: { example: { agent: 'buyer', input: 'A chair and a badge for Ada, please.' } },
})
