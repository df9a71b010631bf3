/** The store's clocks, in milliseconds. */
export const STORE_TIMING = {
  /** The server gives a statement up after this time. */
  statementMs: 15_000,
  /** We give it up after this one: the server can't be heard any more. */
  silenceMs: 20_000,
  /** To get a connection, waiting for a free one included. */
  connectMs: 5_000,
  /** To say that it is there at all, when somebody wonders what is slow. */
  pingMs: 1_000,
  /** To get a turn on the embedded database's one connection. */
  embeddedTurnMs: 30_000,
  /** A transaction that sits between two statements for longer is ended by the server. */
  idleInTransactionMs: 30_000,
  /** An unused connection is let go. */
  idleConnectionMs: 60_000,
  /** To lock the table of model attempts; everybody who reserves or settles waits that long. */
  attemptsLockMs: 2_000,
  /** A migration may wait for another process's, and rewrite a large table. */
  migrationMs: 3_600_000,
  /** How often the connection that listens is asked whether it still lives. */
  listenerPulseMs: 20_000,
  /** Wait before it connects again, doubled up to `most`. */
  reconnect: { first: 100, most: 5_000 },
} as const
