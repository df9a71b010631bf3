import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import pino from 'pino'
import Postgrator from 'postgrator'
import type { Database } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { migrateAtStart } from '../../../src/store/database/migrate-at-start.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import { STORE_TIMING } from '../../../src/store/database/timing.ts'
import { forEachDatabase } from '../../support/database.ts'
import { createEmptyDatabase, openPostgresTestDatabase } from '../../support/postgres-database.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const { mostMs } = STORE_TIMING.migrationLock

const NO_APP = { name: '', migrations: null }

function appWith(files: Readonly<Record<string, string>>) {
  const folder = temporaryDirectory()
  for (const [file, sql] of Object.entries(files)) writeFileSync(join(folder, file), sql)
  return { name: 'notes', migrations: pathToFileURL(`${folder}/`) }
}

/** Waits until somebody is in the queue for a lock of the table. */
async function untilWaitedFor(database: Database, table: string): Promise<void> {
  for (;;) {
    const waiting = await database.query({
      text: 'select from pg_locks where not granted and relation = $1::regclass',
      values: [table],
    })
    if (waiting.length > 0) return
  }
}

test('a migration that waits for a table lets others at it, and is made once the table is free', async (t) => {
  const { database, url, close } = await openPostgresTestDatabase()
  const backup = new pg.Client({ connectionString: url })
  t.after(() => backup.end().then(close))
  const first = { '001.do.notes.sql': 'create table notes (text text)' }
  await migrate(database, appWith(first))
  // As a backup does: it reads, for as long as it takes.
  await backup.connect()
  await backup.query('begin; lock table notes in access share mode')

  const migrating = migrate(
    database,
    appWith({ ...first, '002.do.authors.sql': 'alter table notes add column author text' }),
  )
  await untilWaitedFor(database, 'notes')
  const asked = performance.now()
  await database.query({ text: 'select text from notes' })
  const waitedMs = performance.now() - asked
  assert.ok(waitedMs < 2 * mostMs, `a reader has waited ${waitedMs} ms behind the migration`)

  await backup.query('commit')
  assert.deepEqual((await migrating).ran, ['002.do.authors.sql'])
  await database.query({ text: 'select author from notes' })
})

test('a migration that Postgres ends for a deadlock is made again', async (t) => {
  const { database, url, close } = await openPostgresTestDatabase()
  const other = new pg.Client({ connectionString: url })
  t.after(() => other.end().then(close))
  const first = { '001.do.notes.sql': 'create table notes (text text); create table authors (name text)' }
  await migrate(database, appWith(first))
  await other.connect()
  await other.query('begin; lock table authors in row exclusive mode')

  const second = 'alter table notes add column author text; alter table authors add column notes int'
  const migrating = migrate(database, appWith({ ...first, '002.do.more.sql': second }))
  await untilWaitedFor(database, 'authors')
  // The migration has waited longer, so that it is the one to be ended.
  await other.query('select text from notes')
  await other.query('commit')
  assert.deepEqual((await migrating).ran, ['002.do.more.sql'])
})

test('a transaction that has begun with a run ends before the schema changes, whatever it still asks for', async (t) => {
  const { url, drop } = await createEmptyDatabase()
  const live = new pg.Client({ connectionString: url })
  const database = openPostgres({ url, logger: pino({ level: 'silent' }) })
  t.after(async () => {
    await live.end()
    await database.close()
    await drop()
  })
  await live.connect()
  await migrateTo(live, BEFORE_TENANTS)
  await live.query('begin; update runs set steps = 1')

  const migrating = migrate(database)
  await untilWaitedFor(database, 'runs')
  const { rowCount } = await live.query('select time_zone from tenants')
  assert.equal(rowCount, 0)
  await live.query('commit')
  const { schema, known } = await migrating
  assert.equal(schema, known)
})

/** The next file changes tenants, and the one after it runs. */
const BEFORE_TENANTS = '32'

/** Brings the product's schema to a version of the past. */
async function migrateTo(client: pg.Client, version: string): Promise<void> {
  const postgrator = new Postgrator({
    driver: 'pg',
    schemaTable: 'holdfast_migrations',
    migrationPattern: join(import.meta.dirname, '../../../src/store/migrations/*.sql'),
    newline: 'LF',
    execQuery: async (text) => ({ rows: (await client.query(text)).rows }),
  })
  await postgrator.migrate(version)
}

forEachDatabase((_, open) => {
  test('a schema of a later release is left as it is, and told of', async () => {
    const database = await open()
    const now = await migrate(database)
    assert.deepEqual([now.ran, now.schema], [[], now.known])
    const lines: unknown[] = []
    const logger = { warn: (...line: unknown[]) => void lines.push(line) }
    await migrateAtStart(database, NO_APP, logger)
    assert.deepEqual(lines, [])

    await database.query({
      text: `insert into holdfast_migrations (version, name, md5, run_at) values ($1, 'later', 'feed', now())`,
      values: [now.known + 1],
    })
    const later = await migrate(database)
    assert.deepEqual(later, { ran: [], schema: now.known + 1, known: now.known })
    await migrateAtStart(database, NO_APP, logger)
    assert.deepEqual(lines, [
      [{ schema: now.known + 1, known: now.known }, 'the schema is that of a later release'],
    ])
  })
})
