import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { Database } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { forEachDatabase } from '../../support/database.ts'
import office from '../../support/office.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

/** An application with these migrations. */
function appWith(name: string, files: Readonly<Record<string, string>>) {
  const folder = temporaryDirectory()
  for (const [file, sql] of Object.entries(files)) writeFileSync(join(folder, file), sql)
  return { name, migrations: pathToFileURL(`${folder}/`) }
}

async function versionsIn(db: Database, table: string): Promise<readonly number[]> {
  const rows = await db.query<{ version: number }>({
    text: `select version from ${table} where version > 0 order by version`,
  })
  return rows.map(({ version }) => version)
}

async function tablesOf(db: Database, prefix: string): Promise<readonly string[]> {
  const rows = await db.query<{ tablename: string }>({
    text: 'select tablename from pg_tables where tablename like $1 order by tablename',
    values: [`${prefix}%`],
  })
  return rows.map(({ tablename }) => tablename)
}

forEachDatabase((_, open) => {
  test('an application has its tables, with a table of versions of its own', async () => {
    const db = await open()
    const product = await versionsIn(db, 'holdfast_migrations')
    const first = { '001.do.notes.sql': 'create table notes (text text)' }
    await migrate(db, appWith('notes-app', first))
    const second = { ...first, '002.do.authors.sql': 'alter table notes add column author text' }
    const app = appWith('notes-app', second)
    await Promise.all([migrate(db, app), migrate(db, app)])
    await db.query({ text: `insert into notes values ('kept', 'ann')` })
    assert.deepEqual(await versionsIn(db, 'holdfast_app_notes_app'), [1, 2])
    assert.deepEqual(await versionsIn(db, 'holdfast_migrations'), product)
  })

  test('two applications keep their versions apart', async () => {
    const db = await open()
    await migrate(db, appWith('one', { '001.do.one.sql': 'create table ones ()' }))
    await migrate(db, appWith('two', { '001.do.two.sql': 'create table twos ()' }))
    assert.deepEqual(await tablesOf(db, 'ones'), ['ones'])
    assert.deepEqual(await tablesOf(db, 'twos'), ['twos'])
  })

  test('a migration of the application that fails leaves nothing behind', async () => {
    const db = await open()
    const app = appWith('broken', {
      '001.do.good.sql': 'create table good ()',
      '002.do.bad.sql': 'create table bad (',
    })
    await assert.rejects(
      migrate(db, app),
      /^MigrationFailed: The migration 002\.do\.bad\.sql failed: syntax error at end of input\. Neither it/,
    )
    assert.deepEqual(await tablesOf(db, 'good'), [])
    assert.deepEqual(await tablesOf(db, 'holdfast_app_broken'), [])
  })

  test('a file that has been run and is edited is refused', async () => {
    const db = await open()
    await migrate(db, appWith('edited', { '001.do.a.sql': 'create table edited_a ()' }))
    const other = appWith('edited', { '001.do.a.sql': 'create table edited_a (other text)' })
    await assert.rejects(
      migrate(db, other),
      /^MigrationFailed: The migration 001\.do\.a\.sql has been run, and its text is another one now\. Take the change back/,
    )
  })

  test('tables that the product once made for an application stay as they are, with their rows', async () => {
    const db = await open()
    // As 0.2.0 left them: version 2 of the product's own sequence, of which the product has no file any more.
    await db.query({ text: 'create table kept (text text)' })
    await db.query({ text: `insert into kept values ('still here')` })
    await db.query({
      text: `insert into holdfast_migrations (version, name, md5, run_at)
        values (2, 'kept', '0000000000000000000000000000feed', now())`,
    })
    const app = appWith('keeper', { '001.do.kept.sql': 'create table if not exists kept (text text)' })
    await migrate(db, app)
    await migrate(db, app)
    assert.deepEqual(await db.query({ text: 'select text from kept' }), [{ text: 'still here' }])
    assert.deepEqual(await versionsIn(db, 'holdfast_app_keeper'), [1])
  })

  test('a fresh database has nothing of an application until that is migrated', async () => {
    const db = await open()
    assert.deepEqual(await tablesOf(db, 'office_'), [])
    await migrate(db, office)
    assert.ok((await tablesOf(db, 'office_')).includes('office_payments'))
  })
})
