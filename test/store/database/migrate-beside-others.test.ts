import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import type { Database } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { STORE_TIMING } from '../../../src/store/database/timing.ts'
import { warnOfNewerSchema } from '../../../src/store/database/warn-of-newer-schema.ts'
import { forEachDatabase } from '../../support/database.ts'
import { openPostgresTestDatabase } from '../../support/postgres-database.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const { mostMs } = STORE_TIMING.migrationLock

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

forEachDatabase((_, open) => {
  test('a schema of a later release is left as it is, and told of', async () => {
    const database = await open()
    const now = await migrate(database)
    assert.deepEqual([now.ran, now.schema], [[], now.known])
    const lines: unknown[] = []
    const logger = { warn: (...line: unknown[]) => void lines.push(line) }
    warnOfNewerSchema(now, logger)
    assert.deepEqual(lines, [])

    await database.query({
      text: `insert into holdfast_migrations (version, name, md5, run_at) values ($1, 'later', 'feed', now())`,
      values: [now.known + 1],
    })
    const later = await migrate(database)
    assert.deepEqual(later, { ran: [], schema: now.known + 1, known: now.known })
    warnOfNewerSchema(later, logger)
    assert.deepEqual(lines, [
      [{ schema: now.known + 1, known: now.known }, 'the schema is that of a later release'],
    ])
  })
})
