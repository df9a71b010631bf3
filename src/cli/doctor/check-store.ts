import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Config } from '../../config/config.ts'
import { acquireLock, LockHeld } from '../../local/lock-file.ts'
import { answersWithin } from '../../store/database/answers-within.ts'
import type { Database } from '../../store/database/database.ts'
import { readSchemaVersion } from '../../store/database/migrate.ts'
import { openPostgres } from '../../store/database/postgres.ts'
import { TENANT_ROLE } from '../../store/database/tenants/tenant-role.ts'
import { hasTenantWall } from '../../store/database/tenants/tenant-wall.ts'
import { type Check, fail, ok, warn } from './check.ts'

const ANSWERS_WITHIN_MS = 3_000

/** Whether the store answers, has this release's schema and keeps tenants apart. Changes nothing in it. */
export async function checkStore({
  databaseUrl,
  dataDir,
}: Pick<Config, 'databaseUrl' | 'dataDir'>): Promise<Check[]> {
  return databaseUrl === null ? [await checkEmbedded(dataDir)] : checkPostgres(databaseUrl)
}

async function checkPostgres(url: string): Promise<Check[]> {
  const { host, pathname } = new URL(url)
  const place = `Postgres at ${host}${pathname}`
  const database = openPostgres({ url, logger: pino({ level: 'silent' }) })
  try {
    if (!(await answersWithin(database, ANSWERS_WITHIN_MS)))
      return [
        fail(
          'store',
          `${place} does not answer`,
          'Start it, or set DATABASE_URL; user and password are checked too.',
        ),
      ]
    const { schema, known } = await readSchemaVersion(database)
    if (schema < known)
      return [
        fail(
          'store',
          `${place} has schema ${schema}, and this release needs ${known}`,
          'Run "holdfast migrate".',
        ),
      ]
    return [checkSchema(place, schema, known), await checkWall(database)]
  } finally {
    await database.close()
  }
}

function checkSchema(place: string, schema: number, known: number): Check {
  if (schema === known) return ok('store', `${place}, schema ${schema}`)
  return warn(
    'store',
    `${place} has schema ${schema}, of a later release: this one knows ${known}`,
    'Run the later release; only the one just before it is promised to work on its schema.',
  )
}

async function checkWall(database: Database): Promise<Check> {
  if (await hasTenantWall(database)) return ok('tenants', 'row-level security keeps them apart as well')
  return warn(
    'tenants',
    "row-level security is off: the conditions of Holdfast's own statements alone keep them apart",
    `Have a superuser do this: create role ${TENANT_ROLE} nologin; grant ${TENANT_ROLE} to the user of DATABASE_URL. Then run "holdfast migrate", and restart the processes.`,
  )
}

/** The embedded store can be opened by one process only, and is brought up to date by the stack that opens it. */
async function checkEmbedded(dataDir: string): Promise<Check> {
  const place = `the embedded store in ${dataDir}`
  if (!existsSync(dataDir))
    return warn(
      'store',
      'DATABASE_URL is not set, and there is no local stack here',
      'For production set DATABASE_URL; "holdfast dev" makes a local stack.',
    )
  try {
    acquireLock(join(dataDir, 'lock')).release()
  } catch (error) {
    if (error instanceof LockHeld) return ok('store', `${place}, open in the stack of process ${error.pid}`)
    throw error
  }
  return warn('store', `${place} is not open: no local stack is up`, 'Start one with "holdfast dev".')
}
