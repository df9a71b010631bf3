/** The HTTP side's numbers. */
export const HTTP = {
  /** A body larger than this is answered 413. */
  bodyBytes: 262_144,
  headerBytes: 8_192,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  /** A call to Temporal that takes longer is given up. */
  temporalTimeoutMs: 5_000,
  /** Longest `Prefer: wait`, in seconds. */
  longestWaitSeconds: 60,
  sseHeartbeatMs: 15_000,
  /** Unsent bytes at which a reader of a stream counts as too slow and is dropped. */
  sseBufferBytes: 1_048_576,
  pageLimit: { default: 20, most: 100 },
  /** A run that was accepted but not started is started by the sweeper after this time. */
  sweepAfterMs: 5_000,
  sweepEveryMs: 5_000,
} as const

/** What a request may carry. */
export const REQUEST_LIMITS = {
  inputMessages: 100,
  inputCharacters: 100_000,
  metadataEntries: 16,
  metadataKeyCharacters: 64,
  metadataValueCharacters: 512,
  commentCharacters: 2_000,
  deadlineMs: { least: 1_000, most: 604_800_000 },
} as const
