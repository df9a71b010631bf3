import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Postgrator from 'postgrator'
import type { App } from '../../app/app.ts'
import type { Database } from './database.ts'
import { MigrationFailed } from './migration-failed.ts'
import { isOutage } from './outage.ts'
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
    const postgratorOf = (schemaTable: string, folder: string) =>
      new Postgrator({
        driver: 'pg',
        schemaTable,
        migrationPattern: `${asGlob(folder)}/*.sql`,
        newline: 'LF',
        execQuery: async (text) => ({ rows: await run(text) }),
      })
    await run(`set local statement_timeout = ${STORE_TIMING.migrationMs}`)
    await run(`select pg_advisory_xact_lock(${LOCK})`)
    await postgratorOf('holdfast_migrations', join(import.meta.dirname, '../migrations')).migrate()
    if (app.migrations !== null)
      await migrateApp(postgratorOf(versionTable(app.name), fileURLToPath(app.migrations)))
  })
}

/** @throws MigrationFailed about the file at fault, since the error of a statement does not say which file the statement is in */
async function migrateApp(postgrator: Postgrator): Promise<void> {
  let file = ''
  let hasRun = false
  postgrator.on('validation-started', ({ filename }) => {
    file = basename(filename)
    hasRun = true
  })
  postgrator.on('migration-started', ({ filename }) => {
    file = basename(filename)
    hasRun = false
  })
  try {
    await postgrator.migrate()
  } catch (cause) {
    if (isOutage(cause) || file === '') throw cause
    throw new MigrationFailed(
      hasRun
        ? `The migration ${file} has been run, and its text is another one now. Take the change back, and write a migration with the next number.`
        : `The migration ${file} failed: ${(cause as Error).message}. Neither it nor those that were to run with it were kept.`,
      { cause },
    )
  }
}

/** The table that lists which files of an application have been run. */
function versionTable(app: string): string {
  return `holdfast_app_${app.replace(/[^a-z0-9]/g, '_')}`
}

/** Escapes a folder's name, so that the glob matches only this folder. */
function asGlob(folder: string): string {
  return folder.replace(/\/$/, '').replace(/[\\*?[\]{}()!+@]/g, '\\$&')
}
