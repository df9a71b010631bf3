/** How often processes record in the store that they are up. Milliseconds. */
export const PRESENCE = {
  /** Time between two records of a process. */
  everyMs: 5_000,
  /** A process without a new record for this long counts as gone. */
  livesForMs: 15_000,
  /** The row of a process that is gone is removed after this time. */
  keptForMs: 86_400_000,
} as const
