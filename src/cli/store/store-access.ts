import { pino } from 'pino'
import type { HoldfastClient } from '../../client/index.ts'
import type { Config } from '../../config/config.ts'
import type { Database } from '../../store/database/database.ts'
import { migrate } from '../../store/database/migrate.ts'
import { openPostgres } from '../../store/database/postgres.ts'

/** How a command reaches what is stored: in the store itself, or through the API of a stack that has the store open. */
export type StoreAccess =
  | { readonly database: Database; readonly close: () => Promise<void> }
  /** Of the tenant `default`. What the API refuses is thrown as a CommandError. */
  | { readonly askApi: AskApi }

export type AskApi = <T>(work: (client: HoldfastClient) => Promise<T>) => Promise<T>

/** The store at DATABASE_URL; without one, that of the local stack. PGlite is only loaded for the latter. */
export async function openStoreAccess(config: Config): Promise<StoreAccess> {
  if (config.databaseUrl === null) {
    const { openLocalAccess } = await import('./local-access.ts')
    return openLocalAccess(config)
  }
  const database = openPostgres({ url: config.databaseUrl, logger: pino({ level: 'silent' }) })
  try {
    await migrate(database)
    return { database, close: () => database.close() }
  } catch (error) {
    await database.close()
    throw error
  }
}
