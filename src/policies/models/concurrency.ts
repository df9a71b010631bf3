import type { ErrorCode } from '../../contracts/error-codes.ts'

/** How many calls one worker has at a provider at the same time. The number follows what the provider takes. */
export interface ConcurrencyRow {
  readonly floor: number
  readonly start: number
  readonly ceiling: number
}

/**
 * A row for a provider, or for one of its models (`provider/model`), which is then counted apart from the provider's others. An
 * application's or operator's limits (`maxConcurrent`) lower the ceiling, and add rows of their own.
 */
export const CONCURRENCY: { readonly standard: ConcurrencyRow } & Readonly<Record<string, ConcurrencyRow>> = {
  standard: { floor: 1, start: 64, ceiling: 200 },
}

/** How the number of calls at the same time follows a provider (additive increase, multiplicative decrease). */
export const ADAPTATION = {
  /** What is left of the limit after a failure with this code. Other failures say nothing about the provider's load. */
  decrease: {
    model_rate_limited: 0.9,
    model_overloaded: 0.9,
    // Seen only after a whole clock: many calls hang by then.
    model_connect_timed_out: 0.5,
    model_timed_out: 0.5,
    model_call_timed_out: 0.5,
  } as Partial<Record<ErrorCode, number>>,
  /**
   * Answers that a step of one call more takes below the limit at which the provider last refused, in multiples of the limit. Each
   * approach ends in a refusal, so a larger number means fewer refused calls.
   */
  answersAStep: 4,
  /** A limit this much above the one at which the provider last refused shows that it takes more again: each answer is a step. */
  clearAbove: 1,
} as const

/** Calls that wait in a worker for their turn at a provider. Each holds an activity slot of the worker, so few may, and not for long. */
export const TURNS = {
  mostWaiting: 32,
  longestWaitMs: 2_000,
  /** A call that has got no turn comes back when about as many have been served as came before it, within these bounds. */
  soonestReturnMs: 1_000,
  latestReturnMs: 30_000,
} as const

/** Pauses that providers ask for (`Retry-After`). */
export const PAUSES = {
  /** A longer one is tried by single calls from then on: a header may be wrong, and would silence a model for a day. */
  longestMs: 600_000,
  /** After a pause calls go one at a time, then with each answer one more at the same time, until so many do. */
  resumedAt: 32,
  /** Time from one call to the next when they come back after they have found others trying the provider after a pause. */
  returnEveryMs: 50,
} as const

/** Calls that are held back are logged when it begins, and when none was for this long. */
export const REFUSAL_LOG = { quietForMs: 30_000 } as const

/** Added to each wait of a call at random, as a share of it, so that calls that wait together do not come back together. */
export const WAIT_JITTER = 0.2
