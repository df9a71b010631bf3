import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import pino from 'pino'
import { migrate } from '../../src/store/migrate.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createEmptyDatabase } from '../support/postgres-database.ts'

const run = promisify(execFile)
const logger = pino({ level: 'silent' })
const FILES = readdirSync(join(import.meta.dirname, '../../src/store/migrations')).sort()

test('four processes that start at once bring an empty database up to date, each migration once', async () => {
  const { url, drop } = await createEmptyDatabase()
  const script = join(import.meta.dirname, 'migrate-process.ts')
  await Promise.all([1, 2, 3, 4].map(() => run(process.execPath, [script, url])))
  const database = openPostgres({ url, logger })
  const applied = await database.query<{ version: number }>({
    text: 'select version from holdfast_migrations where version > 0 order by version',
  })
  assert.deepEqual(
    applied.map(({ version }) => version),
    FILES.map((_, place) => place + 1),
  )
  await database.close()
  await drop()
})

test('a migration that fails leaves nothing behind', async () => {
  const { url, drop } = await createEmptyDatabase()
  const database = openPostgres({ url, logger })
  // In the way of the first migration.
  await database.query({ text: 'create table run_events (other integer)' })
  await assert.rejects(migrate(database), /run_events/)
  const left = await database.query({ text: `select tablename from pg_tables where schemaname = 'public'` })
  assert.deepEqual(left, [{ tablename: 'run_events' }])
  await database.close()
  await drop()
})

test('migrations are numbered without gaps and only go forward', () => {
  for (const [place, file] of FILES.entries()) {
    assert.match(file, /^\d{3}\.do\.[a-z-]+\.sql$/)
    assert.equal(Number(file.slice(0, 3)), place + 1)
  }
})
