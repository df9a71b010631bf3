import { join } from 'node:path'
import Postgrator from 'postgrator'
import type { Database } from './database.ts'
import { STORE_TIMING } from './timing.ts'

/** An arbitrary number for the advisory lock; no other program may use it in this database. */
const LOCK = 4_611_107_300

/**
 * Brings the schema up to date: runs all numbered files in `migrations/` that have not been run, or none. Processes that start together
 * take turns. There is no way back, and a file that has been run may never be edited: its checksum is kept.
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

/** Escapes a folder's name, so that the glob matches only this folder. */
function asGlob(folder: string): string {
  return folder.replace(/[\\*?[\]{}()!+@]/g, '\\$&')
}
