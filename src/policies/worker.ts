/** Ports that a process tries for the metrics of Temporal's core, where another process takes one in the meantime. */
export const CORE_METRICS = { portTries: 5 } as const

/** How a worker process runs. Times are milliseconds. */
export const WORKER = {
  maxConcurrentActivities: 200,
  maxConcurrentWorkflowTasks: 40,
  maxConcurrentLocalActivities: 100,
  /**
   * A cancel reaches an activity in answer to a heartbeat, so this bounds how long it takes to stop a model call. Temporal's
   * default of 30 s would let a cancelled call run on.
   */
  maxHeartbeatThrottleMs: 1_000,
  /** How long a task waits for the worker that has the run in memory before other workers may take it. */
  stickyScheduleToStartMs: 5_000,
  /** Runs and plans that a worker caches, so that it need not query the store in every step. */
  acceptedRunsKept: 5_000,
  plansKept: 500,
  /** Models whose size of context is cached. */
  modelsKept: 200,
  /** Request preambles that are cached. Instructions with a run's caller or day in them give that run a preamble of its own. */
  preamblesKept: 500,
  /** On shutdown: time for activities to end by themselves, then time for them to react to the cancel. */
  shutdownGraceMs: 5_000,
  shutdownForceMs: 7_000,
} as const
