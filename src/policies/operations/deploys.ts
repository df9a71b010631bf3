/** Deploys of versioned workers. Times are milliseconds. */
export const DEPLOYS = {
  /** Histories that a promotion replays, of each workflow type: open runs, newest first, and the runs that ended last. */
  replayOpen: 500,
  replayEnded: 100,
  /** A change of the routing reaches every partition of the task queues within moments; a command waits for it this long. */
  settledWithinMs: 30_000,
  settledEveryMs: 100,
  /** Changes of a build's routing that its record keeps. */
  keptChanges: 20,
  /** Failed histories that a refusal lists. */
  listedFailures: 10,
  /** Runs that are asked at a time to move to another build. */
  askedAtOnce: 10,
  /**
   * Runs of a build that has been given no new ones for this long are asked to move, and how often. A run that waits for its sub-agent is
   * asked in vain, and each time costs its history four events.
   */
  moveAfterMs: 86_400_000,
  moveEveryMs: 3_600_000,
  /** Runs of a build that are asked in one turn. */
  movedAtOnce: 1_000,
} as const
