/** What a schedule may ask for, and how its starts are looked after. Times are milliseconds. */
export const SCHEDULES = {
  /** Schedules that a tenant can have. */
  mostOfTenant: 100,
  /** The least time between two starts. A cron expression, which names minutes, cannot ask for less. */
  leastIntervalMs: 60_000,
  mostIntervalMs: 31_536_000_000,
  cronCharacters: 100,
  /** A start that could not be made for this long is left out. Temporal itself takes no less than ten seconds. */
  catchUpMs: { least: 10_000, usual: 3_600_000, most: 604_800_000 },
  /** A start whose time is further ahead of the store's clock than this is not one that Temporal has made. */
  clockSkewMs: 60_000,
  /** How often an API looks for starts that are due. */
  takeUpEveryMs: 1_000,
  takenUpAtOnce: 20,
  /** An API that has taken up a start and dies leaves it to another one after this. */
  claimMs: 30_000,
  /** How often an API brings Temporal's Schedules in line with those of the store, and how many at a time. */
  setEveryMs: 5_000,
  setAtOnce: 50,
  /** Starts are kept this long to be listed, and removed this often. */
  keepStartsMs: 2_592_000_000,
  dropEveryMs: 3_600_000,
} as const
