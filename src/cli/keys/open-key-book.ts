import { pino } from 'pino'
import type { Config } from '../../config.ts'
import { migrate } from '../../store/database/migrate.ts'
import { openPostgres } from '../../store/database/postgres.ts'
import type { KeyBook } from './key-book.ts'
import { storeKeyBook } from './store-key-book.ts'

/** The keys in the store at DATABASE_URL; without one, those of the local stack. PGlite is only loaded for the latter. */
export async function openKeyBook(config: Config): Promise<KeyBook> {
  if (config.databaseUrl === null) {
    const { localKeyBook } = await import('./local-key-book.ts')
    return localKeyBook(config)
  }
  const database = openPostgres({ url: config.databaseUrl, logger: pino({ level: 'silent' }) })
  try {
    await migrate(database)
    return storeKeyBook(database, () => database.close())
  } catch (error) {
    await database.close()
    throw error
  }
}
