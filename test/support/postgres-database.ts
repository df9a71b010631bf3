import { randomBytes } from 'node:crypto'
import pg from 'pg'
import pino from 'pino'
import { migrate } from '../../src/store/database/migrate.ts'
import { openPostgres } from '../../src/store/database/postgres.ts'
import { startPostgres } from './postgres.ts'
import { schemaVersion } from './schema-version.ts'
import type { TestDatabase } from './test-database.ts'

/** An arbitrary number for the advisory lock that is held while the template is made. */
const TEMPLATE_LOCK = 4_611_107_301

const logger = pino({ level: 'silent' })

export interface PostgresTestDatabase extends TestDatabase {
  readonly url: string
}

/** A database of its own on the test run's server, copied from a migrated template. */
export async function openPostgresTestDatabase(): Promise<PostgresTestDatabase> {
  const server = await serverUrl()
  const name = `holdfast_test_${randomBytes(6).toString('hex')}`
  await asAdmin(server, async (admin) => {
    const template = await requireTemplate(admin, server)
    await admin.query(`create database ${name} template ${template}`)
  })
  const url = databaseUrl(server, name)
  const database = openPostgres({ url, logger })
  return {
    url,
    database,
    close: async () => {
      await database.close()
      await asAdmin(server, (admin) => admin.query(`drop database ${name} with (force)`))
    },
  }
}

/** An empty database, for tests of the migrations themselves. */
export async function createEmptyDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = await serverUrl()
  const name = `holdfast_test_${randomBytes(6).toString('hex')}`
  await asAdmin(server, (admin) => admin.query(`create database ${name}`))
  return {
    url: databaseUrl(server, name),
    drop: async () => {
      await asAdmin(server, (admin) => admin.query(`drop database ${name} with (force)`))
    },
  }
}

/** One template for each schema version; the first test process makes it. */
async function requireTemplate(admin: pg.Client, server: string): Promise<string> {
  const name = `holdfast_template_${schemaVersion()}`
  await admin.query(`select pg_advisory_lock(${TEMPLATE_LOCK})`)
  try {
    const { rows } = await admin.query('select from pg_database where datname = $1 and datistemplate', [name])
    if (rows.length > 0) return name
    // Only a finished template is marked: an unmarked one was left half-made by a process that died.
    await admin.query(`drop database if exists ${name} with (force)`)
    await admin.query(`create database ${name}`)
    const database = openPostgres({ url: databaseUrl(server, name), logger })
    await migrate(database).finally(() => database.close())
    await admin.query(`alter database ${name} with is_template true`)
    return name
  } finally {
    await admin.query(`select pg_advisory_unlock(${TEMPLATE_LOCK})`)
  }
}

async function asAdmin<T>(server: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

let ownServer: Promise<string> | undefined

/** The test run's server, or one of this process's own that ends with it. */
function serverUrl(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL']
  if (given !== undefined) return Promise.resolve(given)
  ownServer ??= startPostgres().then((server) => server.url)
  return ownServer
}
