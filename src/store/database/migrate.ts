import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Postgrator from 'postgrator'
import type { App } from '../../app/app.ts'
import type { Database, Db } from './database.ts'
import { MigrationFailed } from './migration-failed.ts'
import { isOutage } from './outage.ts'
import { LET_TENANTS_IN } from './tenants/tenant-role.ts'
import { STORE_TIMING } from './timing.ts'

/** An arbitrary number for the advisory lock; no other program may use it in this database. */
const LOCK = 4_611_107_300

export interface Migrated {
  /** Names of the files that were run, the product's and then the application's. */
  readonly ran: readonly string[]
  /** Version of the product's schema as it is now. */
  readonly schema: number
  /** The version that this release brings along. The schema's is higher where a later release has been here. */
  readonly known: number
}

/**
 * Brings the schema up to date: runs all numbered files that have not been run, the product's and then the application's, or none.
 * Processes that start together take turns. There is no way back, and a file that has been run may never be edited: its checksum is kept.
 * A schema that is newer than this release is left as it is.
 */
export async function migrate(
  database: Database,
  app: Pick<App, 'name' | 'migrations'> = { name: '', migrations: null },
): Promise<Migrated> {
  const { tries, waitMs } = STORE_TIMING.migrationLock
  for (let made = 1; ; made += 1) {
    try {
      return await database.transaction((tx) => migrateIn(tx, app))
    } catch (error) {
      if (!isInTheWay(error) || made === tries) throw error
    }
    await sleep(waitMs)
  }
}

async function migrateIn(tx: Db, app: Pick<App, 'name' | 'migrations'>): Promise<Migrated> {
  const run = (text: string) => tx.query({ text, timeoutMs: STORE_TIMING.migrationMs })
  await run(`set local statement_timeout = ${STORE_TIMING.migrationMs}`)
  await run(`select pg_advisory_xact_lock(${LOCK})`)
  // While a statement waits for a table, everybody else waits behind it: a backup that reads the table would stop the service.
  await run(`set local lock_timeout = ${STORE_TIMING.migrationLock.mostMs}`)
  const product = productPostgrator(tx)
  if ((await product.getDatabaseVersion()) < (await product.getMaxVersion())) await lockTables(tx)
  const ofProduct = await product.migrate()
  await run(LET_TENANTS_IN)
  const ofApp =
    app.migrations === null
      ? []
      : await migrateApp(postgratorOf(tx, versionTable(app.name), fileURLToPath(app.migrations)))
  return {
    ran: [...ofProduct, ...ofApp].map(({ filename }) => basename(filename)),
    schema: await product.getDatabaseVersion(),
    known: await product.getMaxVersion(),
  }
}

/** The schema's version and the one that this release brings along. Changes nothing; a store without a schema has version 0. */
export async function readSchemaVersion(db: Db): Promise<Pick<Migrated, 'schema' | 'known'>> {
  const product = productPostgrator(db)
  return { schema: await product.getDatabaseVersion(), known: await product.getMaxVersion() }
}

function productPostgrator(db: Db): Postgrator {
  return postgratorOf(db, 'holdfast_migrations', join(import.meta.dirname, '../migrations'))
}

function postgratorOf(db: Db, schemaTable: string, folder: string): Postgrator {
  return new Postgrator({
    driver: 'pg',
    schemaTable,
    migrationPattern: `${asGlob(folder)}/*.sql`,
    newline: 'LF',
    execQuery: async (text) => ({ rows: await db.query({ text, timeoutMs: STORE_TIMING.migrationMs }) }),
  })
}

/** @throws MigrationFailed about the file at fault, since the error of a statement does not say which file the statement is in */
async function migrateApp(postgrator: Postgrator): Promise<Postgrator.Migration[]> {
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
    return await postgrator.migrate()
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

/**
 * Every table of the schema that is ours, the application's among them: that of runs first, where nearly all transactions begin. Out of time it
 * fails as a lock does that is waited for too long.
 */
const LOCK_TABLES = `
do $$
declare
  tables text;
begin
  select string_agg(oid::regclass::text, ', ' order by relname <> 'runs') into tables from pg_class
  where relnamespace = current_schema()::regnamespace and relkind = 'r' and pg_has_role(relowner, 'usage');
  if tables is not null then
    execute format('lock table %s in access exclusive mode', tables);
  end if;
exception when query_canceled then
  raise exception 'other transactions are at the tables' using errcode = 'lock_not_available';
end
$$`

/**
 * Takes all tables before the first file is run. Files that took one after the other, while live processes do the same in another order, would
 * make deadlocks, and Postgres ends the transaction of whoever has waited longest: theirs.
 */
async function lockTables(tx: Db): Promise<void> {
  const { migrationMs, migrationLock } = STORE_TIMING
  await tx.query({ text: `set local statement_timeout = ${migrationLock.allTablesMs}` })
  await tx.query({ text: LOCK_TABLES })
  await tx.query({ text: `set local statement_timeout = ${migrationMs}` })
}

/** Postgres' `lock_not_available` and `deadlock_detected`. */
const IN_THE_WAY: readonly unknown[] = ['55P03', '40P01']

/** Whether others were at the tables, so that a later try may succeed. */
function isInTheWay(error: unknown): boolean {
  return IN_THE_WAY.includes((error as { code?: unknown }).code)
}
