/** What callers and tenants may ask of the API; null is no limit. An operator's file of limits takes its place, row by row. */
export interface LimitSet {
  readonly requestsPerMinute: number | null
  readonly startsPerMinute: number | null
  /** Runs that have not ended, sub-agents left out. */
  readonly concurrentRuns: number | null
  /** Event streams of one API process at a time. */
  readonly streams: number | null
}

/**
 * So generous that only a client out of control meets them: 50 and 200 requests a second. Runs may wait for people for weeks, so how many
 * are too many only the operator knows.
 */
export const API_LIMITS = {
  caller: { requestsPerMinute: 3_000, startsPerMinute: 1_500, concurrentRuns: null, streams: 500 },
  tenant: { requestsPerMinute: 12_000, startsPerMinute: 6_000, concurrentRuns: null, streams: 2_000 },
} as const satisfies { readonly caller: LimitSet; readonly tenant: LimitSet }

/** How limits a minute are counted in the store, which the API processes share. */
export const API_BUCKETS = {
  /** A bucket holds what its limit gives in this time: a minute's worth may go at once after a quiet minute. */
  holdsMs: 60_000,
  /** The share of a limit that a process may let through before it asks the store what is left. */
  creditShare: 0.05,
  /** The share of what is left that a process may let through unasked. With more processes than its inverse a limit may be passed by some requests. */
  leftShare: 0.2,
  /** What was used is written down in one statement, so often. */
  settleEveryMs: 1_000,
  /** Buckets that a process remembers, those used last. */
  remembered: 10_000,
} as const

/** When the number of open runs is looked up for a start. Far from its limit one look serves several starts. */
export const OPEN_RUNS = {
  /** A look is good for so long, */
  seenMs: 2_000,
  /** while it has found no more than this share of the limit, */
  farShare: 0.5,
  /** and this process has started no more than this share since. */
  startedShare: 0.1,
} as const

/** Where the process is beyond one of these, it refuses requests. */
export interface LoadBounds {
  readonly work: WorkBounds
  /** Statements that wait for a connection to the store. */
  readonly waitingStatements: number
  /** The share of the heap's limit that is in use. */
  readonly heapShare: number
}

/** Requests that may be under way before one more is refused; those that wait for something to happen are not among them. */
export interface WorkBounds {
  /** At first, */
  readonly begin: number
  /** and the bounds of what becomes of that while the process learns what it gets done. */
  readonly least: number
  readonly most: number
  /** What requests may take on average. */
  readonly meanMs: number
}

/** When an API process refuses requests because it has too much to do. */
export const LOAD_SHEDDING = {
  /** Lists and reads. They may take less than writes, so that they are the ones to be refused while both take too long. */
  first: {
    work: { begin: 50, least: 10, most: 250, meanMs: 250 },
    waitingStatements: 100,
    heapShare: 0.85,
  },
  /** Starts and other writes. */
  last: {
    work: { begin: 100, least: 20, most: 500, meanMs: 500 },
    waitingStatements: 300,
    heapShare: 0.93,
  },
  sampleEveryMs: 200,
  /** With fewer requests than this nothing is learnt. */
  sampleRequests: 10,
  /** `Retry-After` lies between these, so that what was refused at once does not come back at once. */
  retryAfterSeconds: { least: 1, most: 4 },
  /** How often the log says that requests are refused, at most. */
  logEveryMs: 10_000,
  /** Callers that the line about large bodies names. */
  logCallers: 5,
} as const satisfies Record<'first' | 'last', LoadBounds> & Record<string, unknown>
