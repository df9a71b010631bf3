import type { App } from '../../app/app.ts'
import type { AppDatabase } from '../../app/app-database.ts'
import { loadConfig } from '../../config/config.ts'
import { toAppDatabase } from '../../store/database/app-database.ts'
import { migrate } from '../../store/database/migrate.ts'
import { openOwnDatabase } from './open-own-database.ts'

export interface TestDatabaseOptions {
  /** Its migrations are run. */
  readonly app: App
  /** A Postgres server, with a role that may create databases; in memory where it is not given. */
  readonly databaseUrl?: string
}

/** A database as handlers get it, with the application's tables and nothing in them. */
export interface TestDatabase extends AppDatabase, AsyncDisposable {
  close(): Promise<void>
}

/**
 * A database of the test's own, for tests of tools and queries that need no run: see `createToolContext`.
 *
 * @example
 * await using db = await openTestDatabase({ app })
 * const result = await app.tool('find_parcel')?.execute?.({ number: 'P-1001' }, createToolContext({ db }))
 */
export async function openTestDatabase({ app, databaseUrl }: TestDatabaseOptions): Promise<TestDatabase> {
  const database = await openOwnDatabase(loadConfig().cacheDir, databaseUrl)
  try {
    await migrate(database, app)
  } catch (error) {
    await database.close()
    throw error
  }
  const close = () => database.close()
  return { ...toAppDatabase(database), close, [Symbol.asyncDispose]: close }
}
