/** How processes know of each other. Milliseconds. */
export const PRESENCE = {
  /** How often each says that it lives. */
  everyMs: 10_000,
  /** One that has said nothing for this long counts as gone. */
  livesForMs: 30_000,
  /** The row of one that is gone is removed after this time. */
  keptForMs: 86_400_000,
} as const
