import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, HoldfastError } from '../../client/index.ts'
import type { Config } from '../../config/config.ts'
import { apiUrl } from '../../local/api-url.ts'
import { localKeyPath } from '../../local/local-key.ts'
import { acquireLock, LockHeld } from '../../local/lock-file.ts'
import { readPrivateFile } from '../../local/private-file.ts'
import { COMMAND_LINE } from '../../policies/command-line.ts'
import { migrate } from '../../store/database/migrate.ts'
import { openPglite } from '../../store/database/pglite.ts'
import { toCommandError } from '../api/use-api.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import type { AskApi, StoreAccess } from './store-access.ts'

/**
 * The local stack's store. Only one process can open the embedded one, so while a stack is up its API is asked instead.
 *
 * @throws CommandError where no stack has made a store: an empty one would answer for a store that is elsewhere
 */
export async function openLocalAccess({
  dataDir,
  api,
  client,
}: Pick<Config, 'dataDir' | 'api' | 'client'>): Promise<StoreAccess> {
  if (!existsSync(dataDir)) throw noStore(dataDir)
  await using cleanup = new AsyncDisposableStack()
  try {
    const lock = acquireLock(join(dataDir, 'lock'))
    cleanup.defer(() => lock.release())
  } catch (error) {
    if (!(error instanceof LockHeld)) throw error
    return { askApi: asking(apiUrl(api), client.apiKey ?? readPrivateFile(localKeyPath(dataDir))) }
  }
  const dir = join(dataDir, 'pg')
  if (!existsSync(dir)) throw noStore(dataDir)
  const database = await openPglite({ dir })
  cleanup.defer(() => database.close())
  await migrate(database)
  const open = cleanup.move()
  return { database, close: () => open.disposeAsync() }
}

/** Asks the API of the stack that has the store open. @param key null where the API asks for none */
export function asking(url: string, key: string | null): AskApi {
  const client = createClient({ url, key: key ?? undefined, timing: COMMAND_LINE.soon })
  return async (work) => {
    try {
      return await work(client)
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error
      if (error.code !== 'no_answer') throw toCommandError(error, url)
      throw new CommandError(
        `A stack that is up has the store open, but its API does not answer at ${url}. Set HOST and PORT as it was started with.`,
        EXIT.unavailable,
      )
    }
  }
}

function noStore(dataDir: string): CommandError {
  return new CommandError(
    `DATABASE_URL is not set, and there is no store of a local stack in ${dataDir}. Set DATABASE_URL, start a stack with "holdfast dev", ` +
      'or name the directory of one with HOLDFAST_DATA_DIR. HOLDFAST_API_URL names an API to ask in place of a store.',
    EXIT.unavailable,
  )
}
