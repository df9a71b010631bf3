/** How processes announce themselves to each other. Milliseconds. */
export const PRESENCE = {
  /** Time between two announcements. */
  everyMs: 10_000,
  /** A process without an announcement for this long counts as gone. */
  livesForMs: 30_000,
  /** The row of a process that is gone is removed after this time. */
  keptForMs: 86_400_000,
} as const
