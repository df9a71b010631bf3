import { join } from 'node:path'
import Postgrator from 'postgrator'
import type { Database } from './database.ts'
import { STORE_TIMING } from './timing.ts'

/** Any number that only this program takes as an advisory lock. */
const LOCK = 4_611_107_300

/**
 * Brings the schema up to date: runs the numbered files in `migrations/` that have not been run, all of them or none. Processes
 * that start together take turns. Forward only; a file that has been run may never be edited (its checksum is kept).
 */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    const run = (text: string) => tx.query({ text, timeoutMs: STORE_TIMING.migrationMs })
    await run(`set local statement_timeout = ${STORE_TIMING.migrationMs}`)
    await run(`select pg_advisory_xact_lock(${LOCK})`)
    await new Postgrator({
      driver: 'pg',
      schemaTable: 'holdfast_migrations',
      migrationPattern: `${asGlob(join(import.meta.dirname, '../migrations'))}/*.sql`,
      newline: 'LF',
      execQuery: async (text) => ({ rows: await run(text) }),
    }).migrate()
  })
}

/** A folder's name as a glob that matches only it. */
function asGlob(folder: string): string {
  return folder.replace(/[\\*?[\]{}()!+@]/g, '\\$&')
}
