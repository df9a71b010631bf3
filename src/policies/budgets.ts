import type { HopBudget, RunBudget } from '../contracts/budget.ts'
import type { RUN_LIMITS } from './limits.ts'

const DAY_MS = 86_400_000

/** The same for every agent, unless its row says otherwise. */
const USUAL = {
  softRatio: 0.8,
  // A model without a known price is not called. A row in the price overrides lets it in.
  onUnknownPrice: 'deny',
  // Enough for a tool call or a short answer.
  floorOutputTokens: 512,
  // As long as an approval waits.
  pauseMs: 7 * DAY_MS,
  // For a lost signal: raising a shared budget, or the end of its period, usually wakes the run before.
  lookAgainMs: 900_000,
} as const

/** A run waits this long before it checks again whether calls under way have released a shared budget: about as long as a call takes. */
export const MOMENT_MS = 3_000

/** What a run may spend, by agent; a start may ask for other limits. Steps and time are in `limits.ts`. */
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
  /** As a sub-agent, also the share that it asks of its parent. `finish`, since half a report is better than none. */
  research: {
    ...USUAL,
    limits: { maxCostMicroUsd: 500_000, maxTokens: 500_000, maxModelCalls: 60, maxToolCalls: 60 },
    onReached: 'finish',
  },
} as const satisfies { readonly [A in keyof typeof RUN_LIMITS]: RunBudget }

/** The budget of a call whose run's plan has none: only shared budgets limit it. */
export const SHARED_ONLY = {
  limits: {},
  floorOutputTokens: USUAL.floorOutputTokens,
  onUnknownPrice: USUAL.onUnknownPrice,
} as const satisfies HopBudget

/**
 * The smallest share that a sub-agent is started with: the worst case of a first call and of one to wrap up. With less left of its
 * parent's budget it would end without an answer, so it is not started; a parent whose whole budget is smaller goes on without it.
 */
export const MIN_CHILD_SHARE = { costMicroUsd: 250_000, tokens: 40_000, modelCalls: 2 } as const

/**
 * The upper bound of a call's input is one token a byte, and these: for the wire's own text around each message, and around the system
 * prompt and the tools.
 */
export const INPUT_TOKEN_ESTIMATE = { messageOverheadTokens: 16, fixedOverheadTokens: 512 } as const

/** Added to the system prompt of the last call that a budget allows, which has no tools. */
export const WRAP_UP =
  'This is your last turn: no further look-up or action is possible. Answer now with what you have found and done so far, and say plainly what is still open.'
