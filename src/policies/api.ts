import { SIZES } from './limits.ts'

/** The HTTP side's numbers. */
export const HTTP = {
  /**
   * A larger body is answered 413. What REQUEST_LIMITS allows fits, even where every character is written as `\uXXXX`: up to 12
   * bytes each. What is left of an input may be files in base64: about 8 MB of them. Larger ones are uploaded (`file`).
   */
  bodyBytes: { usual: 65_536, input: 12_582_912, decision: 524_288, file: 16_777_216 },
  headerBytes: 8_192,
  /** A request target longer than this is answered 414. */
  urlCharacters: 2_048,
  /** Connections at a time, event streams included. A further one has the place of one that asks nothing. */
  connections: 5_000,
  /** Connections beside these, of one request each, where all of them are in use. Of strangers as many of the newest are left alone. */
  spareConnections: 50,
  /** Requests that a connection may send ahead of the one being answered; the next one is answered 429 and closes it. */
  waitingRequests: 64,
  /** Connections that are being closed because they sent more. Each holds up to 4 MB; further ones are cut off. */
  refusedConnections: 20,
  /** A connection on which no byte moves for this long is closed, whatever it waits for. */
  idleConnectionMs: 90_000,
  /** The same between two requests. */
  keepAliveMs: 72_000,
  /** A peer that sends what is no request has this long to read so. What it sends meanwhile is dropped. */
  lingerMs: 2_000,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  /** Bytes of all connections together: requests under way, and answers that their readers have not taken. Beyond it the largest are cut off. */
  heldBytes: 268_435_456,
  /**
   * Bodies above `fromBytes` may have `mostBytes` together while their requests are under way: six of the largest. A file is there up to five times
   * until it is stored, so they take half of the gigabyte that an API has in `deploy/kubernetes`. One tenant may have two thirds of that, one caller half
   * of its tenant's, and one browser token a single body: a page sends one message at a time. The largest body fits into each.
   */
  largeBodies: {
    fromBytes: 65_536,
    mostBytes: 100_663_296,
    tenantBytes: 67_108_864,
    callerBytes: 33_554_432,
    browserTokenBytes: 16_777_216,
  },
  /** How often connections are checked against the bounds above. */
  connectionsCheckMs: 1_000,
  /** The most mistakes that a problem lists. */
  problemErrors: 50,
  /** `Retry-After` of an answer that says "not now". */
  retryAfterSeconds: 1,
  /** How long a browser keeps the answer to a preflight request. */
  preflightSeconds: 600,
  /** A call to Temporal that takes longer is given up, and its request answered 503. */
  temporalTimeoutMs: 1_800,
  /** The same for calls that no request waits for. */
  upkeepTimeoutMs: 5_000,
  /** A worker has this long to answer an update; then it is sent as a signal. */
  updateTimeoutMs: 5_000,
  /** An update without an answer for this long has Temporal asked whether it is there at all, which has as long again. */
  updateDoubtMs: 900,
  /** How often an update is sent to a workflow that is just handing over to a new execution. */
  updateAttempts: 3,
  /** The same for starting a workflow and setting a schedule; shorter, since the store has it already and the sweeper does it later. */
  startTimeoutMs: 1_500,
  /** Time for each check of `/ready`; they are made at once. Who asks waits a little longer, and the answer is cached. */
  readyTimeoutMs: 1_000,
  readyWithinMs: 2_000,
  readyCacheMs: 1_000,
  /**
   * After SIGTERM `/ready` says no at once, and requests are taken for this long: load balancers that ask every second or two have
   * stopped sending new ones by then.
   */
  drainMs: 5_000,
  /** Then requests under way get this long to end. */
  closeMs: 9_500,
  /** A worker renews its poll every minute; without one for this long it counts as gone. One of ours does sooner: see PRESENCE. */
  pollerSeenMs: 90_000,
  /** Longest `Prefer: wait`, in seconds. */
  longestWaitSeconds: 60,
  sseHeartbeatMs: 15_000,
  /** A stream's reader with more unsent bytes than this is too slow, and is cut off when the next entry comes. */
  sseBufferBytes: 1_048_576,
  /** Rows that a stream reads at a time. */
  ssePageRows: 200,
  pageLimit: { default: 20, most: 100 },
  /**
   * A page of runs or messages ends with the row that comes to this size: an output may be of megabytes, and reading and writing eight of them
   * holds up the event loop for 50 ms.
   */
  pageBytes: 4_194_304,
  /** A run that was accepted but not started is started by the sweeper after this time. */
  sweepAfterMs: 5_000,
  sweepEveryMs: 5_000,
  sweepRuns: 100,
  /** Runs that a process remembers to have been started, so that it asks Temporal about each of them once. */
  sweepKnown: 10_000,
  /** Failed runs after which a sweep is left off. */
  sweepFailures: 5,
  /** Runs that are compared with Temporal in one query, queries of a round, and time between rounds. */
  reconcileRuns: 100,
  reconcilePages: 50,
  reconcileEveryMs: 30_000,
  /** Older runs that Temporal is asked for before a workflow that it does not know counts as deleted. */
  reconcileWitnesses: 5,
  /** How many workflows a process remembers as known to Temporal. */
  seenWorkflows: 10_000,
  /**
   * An attempt of a model call that is still open after this long counts as unknown: its worker is gone, since no attempt may take that
   * long. An attempt that ends after all is settled as usual.
   */
  abandonedAfterMs: 600_000,
  settleEveryMs: 60_000,
  /**
   * How often runs that still wait for a kill switch which is off are signalled. While no worker is up the signals pile up: in the time
   * that a run can wait they must stay well below the 10,000 that Temporal accepts.
   */
  releaseEveryMs: 300_000,
  /** Runs that are signalled at a time about a switch or a budget, and failures after which the rest is left out. */
  notifyAtOnce: 10,
  notifyFailures: 10,
} as const

/** How the API's connection to Temporal is opened again: unbounded, it would wait for up to 2 minutes after a long outage. */
export const TEMPORAL_CHANNEL = { 'grpc.max_reconnect_backoff_ms': 5_000 } as const

export interface BodyBounds {
  readonly depth: number
  readonly values: number
  readonly objectMembers: number
  readonly textBytes: number
}

/** What a body of JSON may be before it is parsed. The event loop is held for as long as parsing and checking take. */
export const BODY_BOUNDS: BodyBounds = {
  /** How deep arrays and objects may be nested: one level more than a call's arguments, which an edit sends. */
  depth: SIZES.maxArgumentsDepth + 1,
  /** Members and entries together, with each array and object. The most parts of the most messages are 30,000. */
  values: 32_000,
  /** Members of one object. Arguments of a call, which are the largest, have 8,000 at most in their 64 KiB. */
  objectMembers: 10_000,
  /** Bytes that are not the base64 of a file. */
  textBytes: 2_097_152,
}

/** What a request may carry. Characters are Unicode code points. */
export const REQUEST_LIMITS = {
  inputMessages: 100,
  inputCharacters: 100_000,
  /** Texts and files of one message. */
  inputParts: 100,
  metadataEntries: 16,
  metadataKeyCharacters: 64,
  metadataValueCharacters: 512,
  commentCharacters: 2_000,
  /** A person's message to the model with a decision; it is in the workflow's history. */
  messageCharacters: 4_000,
  agentCharacters: 100,
  providerCharacters: 100,
  modelCharacters: 200,
  messageIdCharacters: 100,
  /** An author's name, as the model is shown it. */
  introducedNameCharacters: 64,
  /** Messages of one run that no model has been shown yet. */
  unreadMessages: 100,
  /** How often a message's signal is sent when the request is repeated. */
  signalsOfMessage: 20,
  /** Signals of one person to one run while no worker answers. */
  unansweredSignals: 50,
  deadlineMs: { least: 1_000, most: 604_800_000 },
  /** The most micro-USD or tokens of a budget, and the most calls or steps. */
  budgetAmount: 1_000_000_000_000,
  budgetCount: 1_000_000_000,
  reasonCharacters: 500,
  timeZoneCharacters: 64,
} as const

/** Rows of a page of usage: a small tenant's is one page. */
export const USAGE_PAGE = { most: 1_000 } as const
