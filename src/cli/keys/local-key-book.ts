import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { apiUrl } from '../../local/api-url.ts'
import { localKeyPath } from '../../local/local-key.ts'
import { acquireLock, LockHeld } from '../../local/lock-file.ts'
import { readPrivateFile } from '../../local/private-file.ts'
import { migrate } from '../../store/database/migrate.ts'
import { openPglite } from '../../store/database/pglite.ts'
import { apiKeyBook } from './api-key-book.ts'
import type { KeyBook } from './key-book.ts'
import { storeKeyBook } from './store-key-book.ts'

/** The keys of the local stack. Only one process can open the embedded store, so while a stack is up its API is asked instead. */
export async function localKeyBook({ dataDir, api }: Pick<Config, 'dataDir' | 'api'>): Promise<KeyBook> {
  mkdirSync(dataDir, { recursive: true })
  await using cleanup = new AsyncDisposableStack()
  try {
    const lock = acquireLock(join(dataDir, 'lock'))
    cleanup.defer(() => lock.release())
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error
    return apiKeyBook(apiUrl(api), readPrivateFile(localKeyPath(dataDir)))
  }
  const database = await openPglite({ dir: join(dataDir, 'pg') })
  cleanup.defer(() => database.close())
  await migrate(database)
  const open = cleanup.move()
  return storeKeyBook(database, () => open.disposeAsync())
}
