import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Database } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { openPglite } from '../../../src/store/database/pglite.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** The data directory of a local stack that is not up, as a new stack leaves it. @param fill puts something into its store */
export async function makeLocalStore(
  fill: (database: Database) => Promise<void> = async () => undefined,
): Promise<string> {
  const dataDir = join(temporaryDirectory(), 'data')
  mkdirSync(dataDir)
  const database = await openPglite({ dir: join(dataDir, 'pg') })
  await migrate(database)
  await fill(database)
  await database.close()
  return dataDir
}
