import { z } from 'zod'
import { defineAgent } from '../../../../../src/index.ts'
import { lookUp, openTicket, payOut } from './tools.ts'

/*
 * Agents whose providers have bad days (`../models/`): each uses another part of the model layer. The models are of two providers and
 * speak all three wires.
 */

const MOST_OUTPUT_TOKENS = 400
const FIRST = { model: 'openai/gpt-5.5', maxOutputTokens: MOST_OUTPUT_TOKENS } as const
const OTHERS = [
  { model: 'anthropic/claude-haiku-4-5', maxOutputTokens: MOST_OUTPUT_TOKENS },
  { model: 'openai/gpt-4.1-mini', wire: 'openai-chat', maxOutputTokens: MOST_OUTPUT_TOKENS },
] as const

/** Nothing but a model that answers is to end such a run. */
const PATIENT = {
  whenNoModel: { waitMs: 14_400_000 },
  limits: { maxSteps: 60, deadlineMs: 3_600_000 },
  budget: { limits: { maxCostMicroUsd: 50_000_000 }, onReached: 'pause' },
} as const

const report = z.strictObject({ account: z.string(), paid_cents: z.int(), urgent: z.boolean() })

export const troubledAgents = [
  defineAgent({
    name: 'payer',
    version: 'v1',
    instructions: 'You are the payer. Look up, pay, and open a ticket.',
    models: [FIRST, ...OTHERS],
    tools: [lookUp, payOut, openTicket],
    ...PATIENT,
  }),
  defineAgent({
    name: 'reporter',
    version: 'v1',
    instructions: 'You are the reporter. Pay, and report what you have paid.',
    models: [OTHERS[0], FIRST, OTHERS[1]],
    tools: [lookUp, payOut],
    output: report,
    ...PATIENT,
  }),
  defineAgent({
    name: 'answerer',
    version: 'v1',
    instructions: 'You are the answerer. Answer from what you know.',
    models: [FIRST, ...OTHERS],
    cache: { exact: { ttlMs: 3_600_000 }, semantic: { ttlMs: 3_600_000 }, scope: 'tenant' },
    ...PATIENT,
  }),
  defineAgent({
    name: 'talker',
    version: 'v1',
    instructions: 'You are the talker. Look things up, one after the other.',
    models: [FIRST, ...OTHERS],
    tools: [lookUp, payOut],
    window: { maxTokens: 1_600, strategy: 'both', summaryModel: 'openai/gpt-5.4-mini' },
    ...PATIENT,
  }),
  defineAgent({
    name: 'racer',
    version: 'v1',
    instructions: 'You are the racer. Pay at once.',
    models: [{ ...FIRST, hedge: { afterMs: 300 } }, ...OTHERS],
    tools: [payOut],
    ...PATIENT,
  }),
  defineAgent({
    name: 'walker',
    version: 'v1',
    instructions: 'You are the walker. Pay in the end.',
    models: [{ ...FIRST, background: true }, ...OTHERS],
    tools: [lookUp, payOut],
    ...PATIENT,
  }),
  defineAgent({
    name: 'climber',
    version: 'v1',
    instructions: 'You are the climber. Report at once.',
    models: ['openai/gpt-5.4-mini', OTHERS[1]],
    escalate: { to: [OTHERS[0], FIRST], on: ['output_invalid'] },
    output: report,
    ...PATIENT,
  }),
]
