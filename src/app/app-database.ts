/** One statement of an application. A `name` prepares it once a connection; it is the application's own name. */
export interface AppStatement {
  readonly name?: string
  readonly text: string
  readonly values?: readonly unknown[]
}

/** Where an application's statements go: its database, or a transaction in it. */
export interface AppDb {
  /** One round trip, and outside `transaction` one transaction. bigint columns come back as numbers, timestamps as RFC 3339 in UTC. */
  query<R extends object>(statement: AppStatement): Promise<R[]>
}

/** The database as an application sees it: its tables stand beside the product's. */
export interface AppDatabase extends AppDb {
  /** All of `work`, or nothing. Inside it only `tx` may be used. */
  transaction<T>(work: (tx: AppDb) => Promise<T>): Promise<T>
}
