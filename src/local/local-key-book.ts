import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { apiKeyBook } from '../cli/keys/api-key-book.ts'
import type { KeyBook } from '../cli/keys/key-book.ts'
import { storeKeyBook } from '../cli/keys/store-key-book.ts'
import type { Config } from '../config.ts'
import { migrate } from '../store/database/migrate.ts'
import { openPglite } from '../store/database/pglite.ts'
import { apiUrl } from './api-url.ts'
import { localKeyPath } from './local-key.ts'
import { acquireLock, LockHeld } from './lock-file.ts'
import { readPrivateFile } from './private-file.ts'

/** Only one process can open the embedded store: while a stack is up, its API is asked. */
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
