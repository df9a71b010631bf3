/** What a daily report shows, and when it is made. */
export const REPORTS = {
  /** Agents, models and principals with a line of their own, the most expensive first. The others are added up in one line. */
  rows: 50,
  mostExpensiveRuns: 10,
  failingTools: 10,
  refusingTools: 10,
  failingModels: 10,
  budgets: 20,
  unpricedModels: 20,
  /** Days that are looked back over for reports that were not made, as after an outage. */
  catchUpDays: 31,
  /** Days whose reports are made again where a call has been settled since. */
  settlingDays: 2,
  /** A report counts as current where nothing was settled since this long before it was made: a slow transaction is seen late. */
  commitMs: 60_000,
  /** Attempts after which reports that cannot be made are left to the next look. An outage of the store is waited for without end. */
  attempts: 3,
  /** Time for the statement that makes a report. Milliseconds. */
  statementMs: 60_000,
} as const

/**
 * When the Temporal Schedule looks for days that are over: once an hour, half an hour after it has begun. So the report of each tenant is
 * made at 00:30 of the tenant's own day, wherever it is; in a time zone of half hours at 01:00.
 */
export const REPORT_SCHEDULE = {
  /** Minute of the hour. */
  minute: 30,
  /** A look that Temporal could not begin in time is left out after this: the next one makes what was missed. Milliseconds. */
  catchUpMs: 600_000,
  /** How often an API tries to set the Schedule, until it has succeeded once. Milliseconds. */
  setEveryMs: 10_000,
} as const
