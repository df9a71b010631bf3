import type { HopBudget } from '../contracts/budget.ts'
import { DEFAULT_BUDGET } from './agent-defaults.ts'

/** After so long a run looks again whether a shared budget that calls under way have set aside has room: about as long as a call takes. */
export const MOMENT_MS = 3_000

/** What holds a call of a run whose plan has no budget: the budgets that it shares. */
export const SHARED_ONLY = {
  limits: {},
  floorOutputTokens: DEFAULT_BUDGET.floorOutputTokens,
  onUnknownPrice: DEFAULT_BUDGET.onUnknownPrice,
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
