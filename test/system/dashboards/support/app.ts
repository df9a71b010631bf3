import { z } from 'zod'
import { defineAgent, defineApp, defineTool, handoff } from '../../../../src/index.ts'

/* The application of the stack whose dashboards are looked at. Names are those of the anomalies' cases, whose last week Prometheus is given. */

/** Calls of this process that have failed once. */
const failedOnce = new Set<string>()

const findOrder = defineTool({
  name: 'find_order',
  description: 'Finds an order.',
  input: z.strictObject({ order: z.string() }),
  effect: 'read',
  idempotency: 'key',
  execute({ order }, { callKey }) {
    if (order.startsWith('lost') && !failedOnce.has(callKey)) {
      failedOnce.add(callKey)
      throw new Error('The archive is busy.')
    }
    return { order, state: 'on its way' }
  },
})

const refund = defineTool({
  name: 'refund',
  description: 'Pays an order back.',
  input: z.strictObject({ order: z.string() }),
  effect: 'irreversible',
  idempotency: 'key',
  approval: { rules: [], otherwise: 'ask' },
  execute: ({ order }) => ({ refunded: order }),
})

const SECOND = 'anthropic/claude-haiku-4-5'

export default defineApp({
  name: 'dashboards',
  agents: [
    defineAgent({
      name: 'clerk',
      version: 'v1',
      purpose: 'Finds orders and pays them back.',
      instructions: 'Find orders, and pay back what has to be.',
      models: ['openai/gpt-5.5', SECOND],
      tools: [findOrder, refund],
      cache: { exact: { ttlMs: 3_600_000 }, scope: 'tenant' },
    }),
    defineAgent({
      name: 'reception',
      version: 'v1',
      instructions: 'Hand on what is about an order.',
      models: ['openai/gpt-5.5'],
      tools: [handoff({ to: 'clerk' })],
    }),
    defineAgent({
      name: 'translator',
      version: 'v1',
      instructions: 'Translate.',
      models: ['openai/gpt-5.4-mini', SECOND],
    }),
    defineAgent({
      name: 'taster',
      version: 'v1',
      instructions: 'Try what is new.',
      models: ['openai/mystery-9'],
      budget: { onUnknownPrice: 'allow' },
    }),
  ],
})
