import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { apiUrl } from '../../local/api-url.ts'
import { localKeyPath } from '../../local/local-key.ts'
import { acquireLock, LockHeld } from '../../local/lock-file.ts'
import { readPrivateFile } from '../../local/private-file.ts'
import { migrate } from '../../store/database/migrate.ts'
import { openPglite } from '../../store/database/pglite.ts'
import { createApiClient } from './api-client.ts'
import type { StoreAccess } from './store-access.ts'

/** The local stack's store. Only one process can open the embedded one, so while a stack is up its API is asked instead. */
export async function openLocalAccess({
  dataDir,
  api,
}: Pick<Config, 'dataDir' | 'api'>): Promise<StoreAccess> {
  mkdirSync(dataDir, { recursive: true })
  await using cleanup = new AsyncDisposableStack()
  try {
    const lock = acquireLock(join(dataDir, 'lock'))
    cleanup.defer(() => lock.release())
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error
    return { callApi: createApiClient(apiUrl(api), readPrivateFile(localKeyPath(dataDir))) }
  }
  const database = await openPglite({ dir: join(dataDir, 'pg') })
  cleanup.defer(() => database.close())
  await migrate(database)
  const open = cleanup.move()
  return { database, close: () => open.disposeAsync() }
}
