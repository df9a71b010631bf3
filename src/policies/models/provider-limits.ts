import type { ErrorCode } from '../../contracts/error-codes.ts'

/** How requests and tokens a minute towards providers are counted. The limits themselves are the application's and the operator's. */
export const BUCKETS = {
  /**
   * A bucket holds what its limit gives in this time: the most that may go at once after a quiet time. It is a sixtieth of ten minutes, so
   * that ten minutes of any kind let through less than 102 % of the limit.
   */
  holdsMs: 10_000,
  /** A call whose bucket needs longer than this until it has enough for it goes to the next model. */
  longestWaitMs: 120_000,
  /** When a refused call comes back: once its buckets have enough, and one after the other, within these bounds. */
  soonestReturnMs: 250,
  latestReturnMs: 30_000,
  /**
   * A call that has waited this long goes as soon as anything is left in its buckets, which then owe the rest. Without this smaller calls
   * would take what a large one waits for, again and again.
   */
  patienceMs: 30_000,
  /** Calls that end within this time of each other give back what they have not used in one statement. */
  settleAfterMs: 100,
  /** A bucket that nothing was taken from for this long is full, and its row is removed. */
  keptForMs: 3_600_000,
} as const

/** Bytes of a request's JSON that count as a token of it, until a provider has counted the conversation. */
export const ESTIMATED_BYTES_A_TOKEN = 4

/** What a failed call gives back of what was taken for it. With another failure the provider may have counted the whole. */
export const RETURNED_BY: Partial<Record<ErrorCode, 'tokens' | 'all'>> = {
  model_rate_limited: 'tokens',
  model_overloaded: 'tokens',
  model_unauthorized: 'tokens',
  model_quota_exhausted: 'tokens',
  model_request_refused: 'tokens',
  model_context_too_long: 'tokens',
  model_key_missing: 'all',
  model_unreachable: 'all',
  model_connect_timed_out: 'all',
}
