import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { pino } from 'pino'
import type { Database } from '../../store/database/database.ts'
import { migrate } from '../../store/database/migrate.ts'
import { openPostgres } from '../../store/database/postgres.ts'
import { openTestStore } from './open-test-store.ts'

/**
 * An empty database of a test's own, with the product's tables: in memory, or on the Postgres server of this address, from which
 * it is dropped when it is closed.
 */
export async function openOwnDatabase(cacheDir: string, databaseUrl: string | undefined): Promise<Database> {
  if (databaseUrl === undefined) return openTestStore(cacheDir)
  const name = `holdfast_test_${randomBytes(6).toString('hex')}`
  await asAdmin(databaseUrl, `create database ${name}`)
  const url = new URL(databaseUrl)
  url.pathname = `/${name}`
  const database = openPostgres({ url: url.href, logger: pino({ level: 'silent' }) })
  const close = async () => {
    await database.close()
    await asAdmin(databaseUrl, `drop database ${name} with (force)`)
  }
  try {
    await migrate(database)
  } catch (error) {
    await close()
    throw error
  }
  return { ...database, close }
}

async function asAdmin(url: string, statement: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  try {
    await admin.query(statement)
  } finally {
    await admin.end()
  }
}
