import { defineAgent, defineApp, defineTool } from 'holdfast'
import { z } from 'zod'

const sendGift = defineTool({
  name: 'send_gift',
  description: 'Sends a gift card to a colleague. It cannot be taken back.',
  input: z.strictObject({ to: z.string(), euros: z.int().positive() }),
  effect: 'irreversible',
  approval: {
    rules: [{ name: 'above-20', when: { argument: 'euros', above: 20 }, verdict: 'ask' }],
    otherwise: 'allow',
  },
  execute: ({ to, euros }) => `${to} has a gift card of ${euros} euros.`,
})

const thanks = defineAgent({
  name: 'thanks',
  version: 'v1',
  instructions: 'You thank colleagues on behalf of whoever writes to you.',
  tools: [sendGift],
  budget: { limits: { maxCostMicroUsd: 100_000 }, onReached: 'pause' },
})

export default defineApp({ name: 'hello', agents: [thanks] })
