import type { CacheScope } from '../../contracts/cache/answer-cache.ts'
import type { Backoff } from '../activities.ts'

/** What an agent's `cache` leaves out. */
export const CACHE_DEFAULTS: {
  readonly scope: CacheScope
  readonly threshold: number
  readonly lexicalThreshold: number
} = {
  // An answer crosses from one person to another only where the agent says so.
  scope: 'principal',
  // Measured with multilingual-e5-small: docs/guides/caching.md has the table. Other models want a threshold of their own.
  threshold: 0.95,
  // Nearly the same words: another article, a `please`, parts in another order.
  lexicalThreshold: 0.8,
}

/** Bounds of the answer cache. */
export const ANSWER_CACHE = {
  /** A longer answer is not kept, and a longer question is compared with no other. */
  maxAnswerBytes: 65_536,
  maxQuestionBytes: 2_000,
  /** The newest entries of an agent that a question is compared with, and the most similar ones that are looked at closely. */
  mostCompared: 1_000,
  mostSimilar: 5,
  /** How often the API removes what is too old, and how much at a time. */
  dropEveryMs: 60_000,
  mostDropped: 5_000,
} as const

/** Equal questions at once are asked once: one run leads, and the others wait for its answer. Times are milliseconds. */
export const CACHE_LEASES = {
  /** A lead whose worker has died is taken by another run after this time. A live one is renewed. */
  leaseMs: 15_000,
  renewEveryMs: 5_000,
  /** After an answer was kept the lead still stands this long, so that nobody who had not seen the answer asks again. */
  keptMs: 5_000,
  /** After an answer that may not be kept, equal questions are asked without waiting for this long. */
  declinedMs: 60_000,
  /** The longest that a run waits for another one's answer before it asks by itself. */
  mostWaitMs: 120_000,
} as const

/** How often a run that waits looks again. The worker's slot is free in between. */
export const CACHE_FOLLOW: Backoff = {
  initialIntervalMs: 100,
  backoffCoefficient: 1.5,
  maximumIntervalMs: 2_000,
}

/** Requests to the embeddings server. */
export const EMBEDDINGS = {
  /** From the request to the end of the answer. The model call waits for it. */
  timeoutMs: 2_000,
  /** After a failure the process asks none for this long: a server that is away must not delay every call. */
  restMs: 30_000,
  maxResponseBytes: 1_048_576,
  leastDimensions: 16,
  maxDimensions: 4_096,
  /**
   * Texts in different words that are at least so similar were not told apart: a server that gives every text one vector, as a broken one
   * does, would give one question's answer to every other.
   */
  notToldApart: 0.9995,
  /** What is added to the text's bytes for the worst case of a request's tokens: prefix and special tokens. */
  overheadTokens: 64,
} as const
