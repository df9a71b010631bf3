import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Postgrator from 'postgrator'
import type { App } from '../../app/app.ts'
import type { Database } from './database.ts'
import { STORE_TIMING } from './timing.ts'

/** Any number that only this program takes as an advisory lock. */
const LOCK = 4_611_107_300

/**
 * Brings the schema up to date: runs the numbered files that have not been run, the product's and then the application's, all of
 * them or none. Processes that start together take turns. Forward only; a file that has been run may never be edited (its
 * checksum is kept).
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

/** Where it stands which files of an application have been run. */
function versionTable(app: string): string {
  return `holdfast_app_${app.replace(/[^a-z0-9]/g, '_')}`
}

/** A folder's name as a glob that matches only it. */
function asGlob(folder: string): string {
  return folder.replace(/\/$/, '').replace(/[\\*?[\]{}()!+@]/g, '\\$&')
}
