import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import pino from 'pino'
import type { Config } from '../../config.ts'
import type { Database } from '../../store/database.ts'
import { migrate } from '../../store/migrate.ts'
import { openPglite } from '../../store/pglite.ts'
import { openPostgres } from '../../store/postgres.ts'
import { apiUrl } from '../api-url.ts'
import { localKeyPath } from '../local-key.ts'
import { acquireLock, LockHeld } from '../lock-file.ts'
import { readPrivateFile } from '../private-file.ts'
import { apiKeyBook } from './api-key-book.ts'
import type { KeyBook } from './key-book.ts'
import { storeKeyBook } from './store-key-book.ts'

/** The store where it can be reached. The embedded one belongs to one process at a time: while a stack is up, its API is asked. */
export async function openKeyBook({ databaseUrl, dataDir, api }: Config): Promise<KeyBook> {
  if (databaseUrl !== null) {
    const database = openPostgres({ url: databaseUrl, logger: pino({ level: 'silent' }) })
    return over(database, () => database.close())
  }
  mkdirSync(dataDir, { recursive: true })
  try {
    const lock = acquireLock(join(dataDir, 'lock'))
    const database = await openPglite({ dir: join(dataDir, 'pg') })
    return over(database, async () => {
      await database.close()
      lock.release()
    })
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error
    return apiKeyBook(apiUrl(api), readPrivateFile(localKeyPath(dataDir)))
  }
}

async function over(database: Database, close: () => Promise<void>): Promise<KeyBook> {
  try {
    await migrate(database)
    return storeKeyBook(database, close)
  } catch (error) {
    await close()
    throw error
  }
}
