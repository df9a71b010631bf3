import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Postgrator from 'postgrator'
import type { App } from '../../app/app.ts'
import type { Database } from './database.ts'
import { STORE_TIMING } from './timing.ts'

/** An arbitrary number for the advisory lock; no other program may use it in this database. */
const LOCK = 4_611_107_300

/**
 * Brings the schema up to date: runs all numbered files that have not been run, the product's and then the application's, or none.
 * Processes that start together take turns. There is no way back, and a file that has been run may never be edited: its checksum is kept.
 */
export async function migrate(
  database: Database,
  app: Pick<App, 'name' | 'migrations'> = { name: '', migrations: null },
): Promise<void> {
  await database.transaction(async (tx) => {
    const run = (text: string) => tx.query({ text, timeoutMs: STORE_TIMING.migrationMs })
    const migrateFolder = (schemaTable: string, folder: string) =>
      new Postgrator({
        driver: 'pg',
        schemaTable,
        migrationPattern: `${asGlob(folder)}/*.sql`,
        newline: 'LF',
        execQuery: async (text) => ({ rows: await run(text) }),
      }).migrate()
    await run(`set local statement_timeout = ${STORE_TIMING.migrationMs}`)
    await run(`select pg_advisory_xact_lock(${LOCK})`)
    await migrateFolder('holdfast_migrations', join(import.meta.dirname, '../migrations'))
    if (app.migrations !== null) await migrateFolder(versionTable(app.name), fileURLToPath(app.migrations))
  })
}

/** The table that lists which files of an application have been run. */
function versionTable(app: string): string {
  return `holdfast_app_${app.replace(/[^a-z0-9]/g, '_')}`
}

/** Escapes a folder's name, so that the glob matches only this folder. */
function asGlob(folder: string): string {
  return folder.replace(/\/$/, '').replace(/[\\*?[\]{}()!+@]/g, '\\$&')
}
