import { SIZES } from './limits.ts'

/** The HTTP side's numbers. */
export const HTTP = {
  /**
   * A larger body is answered 413. What REQUEST_LIMITS allows fits, even where every character is written as `\uXXXX`: up to 12
   * bytes each.
   */
  bodyBytes: { usual: 65_536, input: 2_097_152, decision: 524_288 },
  headerBytes: 8_192,
  /** A request target longer than this is answered 414. */
  urlCharacters: 2_048,
  /** Connections at a time, event streams among them. What comes beyond them is closed at once. */
  connections: 5_000,
  /** Requests that a connection may send ahead of the one being answered; the next one is answered 429 and closes it. */
  waitingRequests: 64,
  /** Connections that are being closed for sending more than that. Each holds up to 4 MB; further ones are cut off. */
  refusedConnections: 20,
  /** A connection on which neither side has moved a byte for so long is closed, whatever it waits for. */
  idleConnectionMs: 90_000,
  /** The same between two requests. */
  keepAliveMs: 72_000,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  /** Requests under way and answers that their readers have not taken, of all connections; beyond it the largest are cut off. */
  heldBytes: 268_435_456,
  /** How often connections are looked at for the bounds above. */
  connectionsCheckMs: 1_000,
  /** A problem tells so many mistakes and no more. */
  problemErrors: 50,
  /** `Retry-After` of an answer that says "not now". */
  retryAfterSeconds: 1,
  /** A call to Temporal that takes longer is given up. */
  temporalTimeoutMs: 5_000,
  /** How often an update is sent that meets a workflow just as it changes its execution. */
  updateAttempts: 3,
  /** Starting a workflow is given up sooner: the run is accepted already, and the sweeper starts it later. */
  startTimeoutMs: 2_000,
  /** Each check of `/ready`, and how long its answer is good for. */
  readyTimeoutMs: 1_000,
  readyCacheMs: 1_000,
  /** A worker renews its poll every minute; one that has not for this long is gone. */
  pollerSeenMs: 90_000,
  /** Longest `Prefer: wait`, in seconds. */
  longestWaitSeconds: 60,
  sseHeartbeatMs: 15_000,
  /** Unsent bytes at which a reader of a stream counts as too slow, and is dropped when the next entry comes. */
  sseBufferBytes: 1_048_576,
  /** Rows that a reader of a stream is given at a time. */
  ssePageRows: 200,
  pageLimit: { default: 20, most: 100 },
  /** A run that was accepted but not started is started by the sweeper after this time. */
  sweepAfterMs: 5_000,
  sweepEveryMs: 5_000,
  sweepRuns: 100,
  /** Runs that may fail in one sweep before it is left off. */
  sweepFailures: 5,
  /** Runs that are compared with Temporal in one question, the questions of a round, and how often there is a round. */
  reconcileRuns: 100,
  reconcilePages: 50,
  reconcileEveryMs: 30_000,
  /** Older runs that Temporal is asked for before a workflow which it does not know counts as deleted. */
  reconcileWitnesses: 5,
  /** Workflows that a process remembers to have seen in Temporal. */
  seenWorkflows: 10_000,
  /**
   * An attempt of a model call that nobody has gone on with for this long counts as unknown; longer than one can take. One that
   * ends after all is settled all the same.
   */
  abandonedAfterMs: 600_000,
  settleEveryMs: 60_000,
  /**
   * How often runs are looked for that missed that a kill switch is off. Each is told every time until it has gone on: while no
   * worker is up the signals pile up, and in the time that a run waits they must stay well below the 10,000 that Temporal takes.
   */
  releaseEveryMs: 300_000,
  /** Runs that are told of a switch or a raised budget at a time, and the failures after which the rest is left for later. */
  tellAtOnce: 10,
  tellFailures: 10,
} as const

/** What a request may carry. Characters are Unicode code points. */
export const REQUEST_LIMITS = {
  /** How deep arrays and objects may lie in each other: one level more than the arguments of a call, which an edit sends. */
  jsonDepth: SIZES.maxArgumentsDepth + 1,
  inputMessages: 100,
  inputCharacters: 100_000,
  metadataEntries: 16,
  metadataKeyCharacters: 64,
  metadataValueCharacters: 512,
  commentCharacters: 2_000,
  /** What a person tells the model with a decision; it stands in history. */
  messageCharacters: 4_000,
  agentCharacters: 100,
  messageIdCharacters: 100,
  /** Of an author's name, as the model is shown it. */
  introducedNameCharacters: 64,
  /** Messages of one run that no model has been shown. */
  unreadMessages: 100,
  /** How often the signal that names one message is sent, for requests that repeat it. */
  signalsOfMessage: 20,
  /** Decisions and changes of one person that one run is sent while no worker answers. */
  unansweredSignals: 50,
  deadlineMs: { least: 1_000, most: 604_800_000 },
  /** Micro-USD and tokens of a budget, and what is counted one by one. */
  budgetAmount: 1_000_000_000_000,
  budgetCount: 1_000_000_000,
  reasonCharacters: 500,
  timeZoneCharacters: 64,
} as const
