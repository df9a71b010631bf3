/** The samplers of OpenTelemetry's specification, by their names there. */
export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const
export type Sampler = (typeof SAMPLERS)[number]

/** How spans are sent. Times are milliseconds. */
export const TRACES = {
  /** Spans are sent together, this long after the first of them at the latest. A process that is killed loses those of that time. */
  sendEveryMs: 1_000,
  /** Spans of one request. */
  mostPerRequest: 512,
  /** Spans that wait while the collector is slow or away; more are dropped. */
  mostWaiting: 8_192,
  /** Time of one request, with its repetitions. Spans that are not sent by then are lost. */
  requestMs: 10_000,
  /** How long a process that ends waits for its last spans to be sent. */
  flushMs: 3_000,
  /**
   * A process that dies may lose the spans of runs that ended before it was last seen, or after it, by no more than this; besides the time
   * until it would have been seen again. They are sent again, of at most so many runs.
   */
  lostWithinMs: 5_000,
  lostRuns: 2_000,
  /** Runs of which a process remembers what it has sent, so that it sends nothing twice. */
  runsKept: 2_000,
  /** Tries to read the record of a run that has ended, and the wait between them. */
  readTries: 3,
  readAgainMs: 1_000,
} as const
