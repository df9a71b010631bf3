import { defineAgent, defineApp, handoff, subAgent } from '../../../../../src/index.ts'
import { lookUp, openTicket, payOut } from './tools.ts'
import { troubledAgents } from './troubled-agents.ts'

/*
 * The application of the tests that kill workers: each effect of its tools is a row in a table of its own, so that a test can count
 * what has happened, whichever process did it.
 */

const PATIENT = { whenNoModel: { waitMs: 14_400_000 }, limits: { maxSteps: 40, deadlineMs: 3_600_000 } }
const PAUSING = {
  limits: { maxCostMicroUsd: 2_000_000, maxTokens: 2_000_000, maxModelCalls: 200, maxToolCalls: 200 },
  onReached: 'pause',
} as const

export default defineApp({
  name: 'pay_desk',
  agents: [
    defineAgent({
      name: 'assistant',
      version: 'v1',
      instructions:
        'Answer the last message in plain language, in the language that it was written in. Say the answer first, then only as much explanation as it needs. Where you do not know, say so. Never make up facts, names, numbers or sources. Ask one short question where the request can be read in two ways and the difference matters. Say so where you are asked to do something that you have no tool for.',
      whenNoModel: 'answer',
      limits: { maxSteps: 10 },
    }),
    defineAgent({
      name: 'clerk',
      version: 'v1',
      instructions: 'Do what the customer asks for, and say what you have done.',
      tools: [lookUp, payOut, openTicket],
      ...PATIENT,
    }),
    defineAgent({
      name: 'support',
      version: 'v1',
      instructions: 'Take the request, and hand it to billing.',
      tools: [lookUp, handoff({ to: 'billing' })],
      ...PATIENT,
      budget: PAUSING,
    }),
    defineAgent({
      name: 'billing',
      version: 'v1',
      instructions: 'Look up, pay, and have looked into what takes many look-ups.',
      startable: false,
      tools: [
        lookUp,
        payOut,
        openTicket,
        subAgent({ to: 'research', name: 'research' }),
        handoff({ to: 'support', name: 'hand_back' }),
      ],
    }),
    defineAgent({
      name: 'research',
      version: 'v1',
      instructions: 'Look things up and report.',
      tools: [lookUp],
      limits: { maxSteps: 12, deadlineMs: 900_000 },
      budget: {
        limits: { maxCostMicroUsd: 500_000, maxTokens: 500_000, maxModelCalls: 60, maxToolCalls: 60 },
        onReached: 'finish',
      },
    }),
    ...troubledAgents,
  ],
  migrations: new URL('./migrations/', import.meta.url),
})
