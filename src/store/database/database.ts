/**
 * One SQL statement. With a `name` it is prepared and planned once per connection, for any values: for statements that run in
 * every step of a run. Without one it is planned for its values.
 */
export interface Statement {
  readonly name?: string
  readonly text: string
  readonly values?: readonly unknown[]
  /** Time to wait for the answer, where the usual time is too short. */
  readonly timeoutMs?: number
}

/** Takes statements: the database, or a transaction in it. */
export interface Db {
  /**
   * One round trip, and outside `transaction` one transaction. bigint columns come back as numbers, timestamps as RFC 3339
   * in UTC with milliseconds, JSON parsed. Throws what the driver throws; a lost connection is not tried again here.
   */
  query<R extends object>(statement: Statement): Promise<R[]>
}

/** Connections of this process, at the moment. */
export interface Connections {
  readonly used: number
  readonly idle: number
  /** Statements and transactions that wait for a connection. */
  readonly waiting: number
}

/** The store's database: a Postgres server, or the embedded one that speaks the same SQL over a single connection. */
export interface Database extends Db {
  readonly kind: 'postgres' | 'pglite'
  /**
   * Commits all of `work`, or nothing. Inside it only `tx` may be used: the database's own methods throw there, since with one
   * connection they would wait for the transaction for ever.
   */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
  /**
   * Calls back for every NOTIFY on the channel. After a lost connection it connects again and then calls `onGap`: notifications may have
   * been missed, so the caller has to read the rows. Resolves, once it listens, to the function that stops it.
   */
  listen(
    channel: string,
    onPayload: (payload: string) => void,
    onGap?: () => void,
  ): Promise<() => Promise<void>>
  /**
   * The same database for what is done for a tenant: rows of other tenants are not there, whatever a statement asks for. Where the
   * server has no role for that, a statement's own condition is the only wall.
   */
  as(tenant: string): Database
  /** The same database without that wall: for upkeep, and for what is about all tenants. */
  readonly everyTenant: Database
  /** Resolves when the database answers. */
  ping(): Promise<void>
  /** Those for statements; the one that listens is not among them. */
  connections(): Connections
  /** Waits for statements under way, then closes every connection. May be called twice. */
  close(): Promise<void>
}
