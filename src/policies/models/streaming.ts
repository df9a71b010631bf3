/** How text on its way reaches its readers. */
export const STREAMING = {
  /** The first piece leaves at once; those that come within this time after it leave together. */
  gatherMs: 20,
  /** An API says again so often which runs it has readers of. */
  renewEveryMs: 4_000,
  /** Without word from an API for so long its readers count as gone: it may have been killed. */
  readersGoneMs: 12_000,
  /** Runs in one notice: Postgres takes payloads below 8,000 bytes, and a run's id has 30. */
  runsOfNotice: 200,
} as const
