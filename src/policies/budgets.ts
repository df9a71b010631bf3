import type { HopBudget } from '../contracts/budgets/budget.ts'
import { DEFAULT_BUDGET } from './agent-defaults.ts'

/** The budget of a call whose run's plan has none: only shared budgets limit it. */
export const SHARED_ONLY = {
  limits: {},
  floorOutputTokens: DEFAULT_BUDGET.floorOutputTokens,
  onUnknownPrice: DEFAULT_BUDGET.onUnknownPrice,
} as const satisfies HopBudget

/**
 * The smallest share that a sub-agent is started with: the worst case of a first call and of one to wrap up. With less left of its
 * parent's budget it would end without an answer, so it is not started; a parent whose whole budget is smaller goes on without it.
 */
export const MIN_CHILD_SHARE = { costMicroUsd: 250_000, tokens: 40_000, modelCalls: 2 } as const

/**
 * Added to the upper bound of a call's input, which is one token a byte: for the wire's own text around each message, and around the
 * system prompt and the tools.
 */
export const INPUT_TOKEN_ESTIMATE = { messageOverheadTokens: 16, fixedOverheadTokens: 512 } as const

/** Added to the system prompt of the last call that a budget allows, which has no tools. */
export const WRAP_UP =
  'This is your last turn: no further look-up or action is possible. Answer now with what you have found and done so far, and say plainly what is still open.'
