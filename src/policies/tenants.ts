/** Tenants and their suspension. Times are milliseconds. */
export const TENANTS = {
  nameCharacters: 200,
  /** A suspension is notified to every API. How often an API reads all suspensions again, should a notification be lost. */
  rereadEveryMs: 10_000,
  /** Tenants that a process remembers to have a row. */
  remembered: 10_000,
} as const
