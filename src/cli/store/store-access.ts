import { pino } from 'pino'
import type { HoldfastClient } from '../../client/index.ts'
import type { Config } from '../../config/config.ts'
import type { Database } from '../../store/database/database.ts'
import { migrate } from '../../store/database/migrate.ts'
import { openPostgres } from '../../store/database/postgres.ts'
import { useApi } from '../api/use-api.ts'

/** How a command reaches what is stored: in the store itself, or through an API. */
export type StoreAccess =
  | { readonly database: Database; readonly close: () => Promise<void> }
  /** Of the tenant whose key asks. What the API refuses is thrown as a CommandError. */
  | { readonly askApi: AskApi }

export type AskApi = <T>(work: (client: HoldfastClient) => Promise<T>) => Promise<T>

/**
 * The API at HOLDFAST_API_URL, as all other commands ask it: whoever names one means what is stored there. Without it the store at
 * DATABASE_URL, and without that the local stack's. PGlite is only loaded for the latter.
 */
export async function openStoreAccess(config: Config): Promise<StoreAccess> {
  if (config.client.apiUrl !== null) return { askApi: (work) => useApi({}, work) }
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
