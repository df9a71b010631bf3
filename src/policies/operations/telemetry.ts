/** What a process tells of itself in numbers. Times are milliseconds. */
export const METRICS = {
  /**
   * Different values of a label that a process keeps; a further one counts as `other`. A series is kept for as long as the process lives, so
   * what callers, models or deploys make up must not become one without end.
   */
  labelValues: {
    agent: 200,
    agent_version: 200,
    tenant: 200,
    provider: 50,
    model: 200,
    tool: 500,
    activity: 100,
    route: 200,
    method: 20,
    status: 100,
    outcome: 50,
    code: 200,
    reason: 50,
    guard: 50,
    scope: 20,
    limit: 20,
    type: 20,
    state: 10,
    of: 10,
    kind: 10,
    fallback: 2,
    task_queue: 20,
    version: 10,
    build_id: 10,
    gen_ai_operation_name: 20,
    gen_ai_provider_name: 50,
    gen_ai_request_model: 200,
    gen_ai_agent_name: 200,
    gen_ai_token_type: 10,
    error_type: 200,
  },
  /** A longer value counts as `other`. */
  labelCharacters: 200,
  /** Series of one metric. What comes after them is counted in one series, whose only label is `otel_metric_overflow`. */
  seriesPerMetric: 10_000,
  /** Numbers that are asked of the store or Temporal are asked for at most this often, however often the page is read. */
  askedEveryMs: 10_000,
  /** The same for whether the store and Temporal answer at all. */
  pingedEveryMs: 1_000,
  /** What has not been answered by then is left out of the page, so that a scrape never waits longer. */
  answersWithinMs: 1_500,
  /** A question that has no answer by then is asked anew. */
  givenUpAfterMs: 30_000,
  /** Open runs that are counted, the oldest first. With more of them the gauges of runs and approvals stay below the truth. */
  runsCounted: 100_000,
  /** How often the event loop's delay is sampled. */
  eventLoopSampleMs: 20,
} as const

/** A statement of the store that takes so long, with its wait for a connection, is told of: as a span, where it is a run's. */
export const SLOW_STATEMENT_MS = 250

/**
 * Upper bounds of the buckets of histograms. Each bucket is a series for each combination of labels, so there are as few as quantiles and
 * alerts can do with.
 */
export const BUCKETS_OF = {
  /** Seconds from a run's acceptance to its end: from an answer of the cache to a run that waited for people for days. */
  runSeconds: [0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200, 259_200],
  /** Seconds of a model call, as the GenAI semantic conventions advise, and two more: a call may take 300. */
  modelSeconds: [
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92, 163.84, 327.68,
  ],
  /** Seconds to the first piece of an answer. */
  firstChunkSeconds: [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6],
  /** Tokens of a call, as the GenAI semantic conventions advise. */
  tokens: [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304],
  /** Seconds of a tool call. */
  toolSeconds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  /** Seconds that people take to decide: a minute, an hour, a day, a week. */
  approvalSeconds: [10, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200, 604_800],
  /** Seconds of a request to a webhook's endpoint. */
  webhookSeconds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
  /** Seconds of a request to the API. Those that wait (`Prefer: wait`, event streams) take a minute and more. */
  requestSeconds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
} as const
