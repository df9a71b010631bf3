import type { Database } from '../../src/store/database/database.ts'

/** A database of a test's own, migrated; `close` also removes it. */
export interface TestDatabase {
  readonly database: Database
  close(): Promise<void>
}
