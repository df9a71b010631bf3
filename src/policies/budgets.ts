import type { HopBudget, RunBudget } from '../contracts/budget.ts'
import type { RUN_LIMITS } from './limits.ts'

const DAY_MS = 86_400_000

/** The same for every agent, unless its row says otherwise. */
const USUAL = {
  softRatio: 0.8,
  // A price that nobody knows is not spent: a row of its own in the price overrides lets such a model in.
  onUnknownPrice: 'deny',
  // Enough for a tool call or a short answer.
  floorOutputTokens: 512,
  // As long as an approval waits.
  pauseMs: 7 * DAY_MS,
  // Raising a shared budget and the end of its period wake a run anyway; this is for a wake-up that got lost.
  lookAgainMs: 900_000,
} as const

/** What a run may spend, by agent, unless whoever starts it says otherwise. Turns and time are in `limits.ts`. */
export const RUN_BUDGETS = {
  assistant: {
    ...USUAL,
    limits: { maxCostMicroUsd: 1_000_000, maxTokens: 1_000_000, maxModelCalls: 60 },
    onReached: 'degrade',
  },
  support: {
    ...USUAL,
    limits: { maxCostMicroUsd: 2_000_000, maxTokens: 2_000_000, maxModelCalls: 200, maxToolCalls: 200 },
    onReached: 'pause',
  },
  /** Also what it asks of the run that it works for. A report on half of the question is worth more than none. */
  research: {
    ...USUAL,
    limits: { maxCostMicroUsd: 500_000, maxTokens: 500_000, maxModelCalls: 60, maxToolCalls: 60 },
    onReached: 'finish',
  },
} as const satisfies { readonly [A in keyof typeof RUN_LIMITS]: RunBudget }

/** What holds a call of a run whose plan has no budget: the budgets that it shares. */
export const SHARED_ONLY = {
  limits: {},
  floorOutputTokens: USUAL.floorOutputTokens,
  onUnknownPrice: USUAL.onUnknownPrice,
} as const satisfies HopBudget

/**
 * The least that a sub-agent is started with: the worst case of a first call, and of one to wrap up. With less left of its
 * parent's budget it is not started, since it would end without an answer; a parent whose whole budget is less does without it.
 */
export const leastShare = { costMicroUsd: 250_000, tokens: 40_000, modelCalls: 2 } as const

/**
 * What an upper bound of a call's input counts besides a token for each byte: the wire's own words around a message, and around
 * the system prompt and the tools.
 */
export const ESTIMATE = { messageOverheadTokens: 16, fixedOverheadTokens: 512 } as const

/** Added to the system prompt of the last call that a budget allows; no tools are on offer in it. */
export const WRAP_UP =
  'This is your last turn: no further look-up or action is possible. Answer now with what you have found and done so far, and say plainly what is still open.'
