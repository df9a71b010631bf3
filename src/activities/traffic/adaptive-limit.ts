import { ADAPTATION, type ConcurrencyRow } from '../../policies/models/concurrency.ts'

/** How many calls a provider may have at the same time, by what has become of those before. */
export interface AdaptiveLimit {
  /** Whole calls. */
  readonly value: number
  /** Number of decreases so far. A call notes it when it begins. */
  readonly decreases: number
  /** @param inFlight calls at the provider, this one included */
  answered(inFlight: number): void
  /**
   * The provider has refused a call for its load, or has let it time out. Only a call that began after the last decrease counts, so
   * that one burst of refusals decreases the limit once.
   *
   * @param since `decreases` when the call began
   * @param factor what is left of the limit
   */
  refused(since: number, factor: number): void
}

/**
 * Additive increase, multiplicative decrease.
 *
 * The limit at the last decrease is remembered. Below it the limit grows slowly, since each approach ends in a refusal. Once it is
 * clearly above, the provider takes more again, and the limit grows by one with each answer until the next refusal. Latency is no
 * signal: it depends on how much a model writes. Answers are counted and no clock is read, so slow and fast models behave alike.
 */
export function createAdaptiveLimit({ floor, start, ceiling }: ConcurrencyRow): AdaptiveLimit {
  let limit = Math.min(start, ceiling)
  let refusedAt = 0
  let decreases = 0

  return {
    get value() {
      return Math.floor(limit)
    },
    get decreases() {
      return decreases
    },
    answered(inFlight) {
      // An unused limit has not been shown to hold.
      if (2 * inFlight < limit) return
      const isClear = limit >= refusedAt + ADAPTATION.clearAbove
      limit = Math.min(limit + (isClear ? 1 : 1 / (limit * ADAPTATION.answersAStep)), ceiling)
    },
    refused(since, factor) {
      if (since !== decreases) return
      decreases += 1
      refusedAt = limit
      limit = Math.max(limit * factor, floor)
    },
  }
}
