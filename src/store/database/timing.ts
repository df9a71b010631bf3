/** The store's clocks, in milliseconds. */
export const STORE_TIMING = {
  /** The server aborts a statement after this time. */
  statementMs: 15_000,
  /** The client gives a statement up after this time: the server has not even said that it aborted it. */
  silenceMs: 20_000,
  /** To get a connection, including the wait for a free one. */
  connectMs: 5_000,
  /** A statement that a caller waits for has the store pinged once it takes so long. */
  doubtMs: 800,
  /** To answer a ping that tells whether the store is away or only slow. */
  pingMs: 1_000,
  /** To get the embedded database's only connection. */
  embeddedTurnMs: 30_000,
  /** A transaction that sits between two statements for longer is ended by the server. */
  idleInTransactionMs: 30_000,
  /** The same on the embedded database, which ends it itself. Shorter than the wait for its only connection. */
  embeddedIdleInTransactionMs: 20_000,
  /** An unused connection is closed after this time. */
  idleConnectionMs: 60_000,
  /** To lock the table of model attempts; everybody who reserves or settles waits that long. */
  attemptsLockMs: 2_000,
  /** A migration may wait for another process's, and rewrite a large table. */
  migrationMs: 3_600_000,
  /**
   * A migration waits at most so long for a table that others use, since everybody else waits behind it. Then it lets go, and tries
   * again after `waitMs`, at most so often: about 10 minutes. All tables of the product together it waits for less than a second: by then
   * Postgres looks for deadlocks, and ends those who wait for the migration.
   */
  migrationLock: { mostMs: 2_000, allTablesMs: 800, waitMs: 3_000, tries: 120 },
  /** How often a statement is sent on the listening connection, to see whether it is still open. */
  listenerHeartbeatMs: 20_000,
  /** Wait before the listener connects again, doubled up to `most`. */
  reconnect: { first: 100, most: 5_000 },
} as const
