import type { Backoff } from '../activities.ts'

/** How webhooks are delivered. Times are milliseconds. */
export const WEBHOOKS = {
  /** Attempts of a delivery; with the waits between them they take three days. */
  attempts: 20,
  /** 5 s, 15 s, 45 s, 2 min, 7 min, 20 min, 1 h, 3 h, then every 6 h. A `Retry-After` can make a wait longer, up to the longest. */
  backoff: {
    initialIntervalMs: 5_000,
    backoffCoefficient: 3,
    maximumIntervalMs: 21_600_000,
  } satisfies Backoff,
  /** A wait is longer or shorter by up to this share, so that what failed together is not sent again together. */
  jitter: 0.2,
  /** To connect, TLS included; to the answer's head; and for all of an attempt. */
  connectMs: 5_000,
  headersMs: 15_000,
  attemptMs: 20_000,
  /** An answer's body is read up to here and thrown away, so that its connection can be used again. */
  answerBytes: 16_384,
  /** Requests at the same time that one worker makes: to one host for one tenant, for one tenant, and in all. Below `WORKER.maxConcurrentActivities`. */
  atOnce: { host: 8, tenant: 20, worker: 40 },
  /** The wait of an attempt that finds no room, give or take `jitter`. It does not count as an attempt. */
  busyMs: 5_000,
  /** Deliveries of one host and tenant whose first attempt is under way; further ones wait in the store. */
  firstAttempts: 16,
} as const

/** How APIs start the deliveries that are due. Times are milliseconds. */
export const DISPATCH = {
  /** The store notifies of new deliveries; this is for a notification that was lost. */
  everyMs: 5_000,
  /** Deliveries that are claimed in one statement, and workflows that are started at the same time. */
  claimed: 200,
  startsAtOnce: 20,
  /** A delivery that is due for this long has lost its workflow, or no worker is up: it is started again, which does nothing to one that runs. */
  overdueMs: 120_000,
  /** Deliveries stay in the log for this long after they have ended. */
  keptMs: 2_592_000_000,
  dropEveryMs: 600_000,
  mostDropped: 1_000,
} as const

/** What a tenant can have. */
export const WEBHOOK_LIMITS = {
  /** Those of runs are not counted. */
  webhooks: 50,
  urlCharacters: 2_048,
  /** Secrets that sign at the same time: a further rotation ends the oldest. */
  secrets: 3,
  /** How long a secret goes on signing after another one has taken its place, where the caller does not say. */
  overlapMs: 86_400_000,
  longestOverlapMs: 604_800_000,
  /** Attempts of a delivery that the log shows. */
  attemptsShown: 20,
} as const
