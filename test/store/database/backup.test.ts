import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import pino from 'pino'
import { migrate } from '../../../src/store/database/migrate.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import { requirePrograms } from '../../support/machine-programs.ts'
import {
  createEmptyDatabase,
  openPostgresTestDatabase,
  type PostgresTestDatabase,
} from '../../support/postgres-database.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { fillTables } from './support/fill-tables.ts'

const run = promisify(execFile)

/** The rows of all tables, as `pg_dump` writes them; what differs from one call to the next is left out. */
async function dump(url: string, ...options: readonly string[]): Promise<string> {
  const { stdout } = await run('pg_dump', ['--data-only', ...options, url], { maxBuffer: 100_000_000 })
  return stdout.replaceAll(/^(\\(un)?restrict .*|SET row_security = .*)$/gm, '')
}

describe('pg_dump', () => {
  let store: PostgresTestDatabase
  /** Reads all tables, and owns none. */
  const reader = `backup_${randomBytes(4).toString('hex')}`
  let asReader: string
  const told = (text: string) => store.database.query({ text })

  before(async () => {
    requirePrograms('postgresql-client')
    store = await openPostgresTestDatabase()
    await fillTables(store.database, ['acme', 'other'])
    await told(`create role ${reader} login`)
    await told(`grant pg_read_all_data to ${reader}`)
    const url = new URL(store.url)
    url.username = reader
    asReader = url.href
  })
  after(async () => {
    await told(`drop role ${reader}`)
    await store.close()
  })

  it('by somebody who does not own the tables fails, and does not leave tenants out', async () => {
    await assert.rejects(dump(asReader), /row-level security/)
  })

  it('has the rows of all tenants with --enable-row-security, or with BYPASSRLS', async () => {
    const all = await dump(store.url)
    assert.match(all, /\tacme\t/)
    assert.match(all, /\tother\t/)
    assert.equal(await dump(asReader, '--enable-row-security'), all)
    await told(`alter role ${reader} bypassrls`)
    assert.equal(await dump(asReader), all)
  })

  it('can be restored into an empty database, where tenants are apart as before', async (t) => {
    const file = join(temporaryDirectory(), 'backup.sql')
    const { stdout } = await run('pg_dump', [store.url], { maxBuffer: 100_000_000 })
    writeFileSync(file, stdout)
    const empty = await createEmptyDatabase()
    await run('psql', ['--quiet', '--set=ON_ERROR_STOP=1', `--file=${file}`, empty.url])
    const database = openPostgres({ url: empty.url, logger: pino({ level: 'silent' }) })
    t.after(async () => {
      await database.close()
      await empty.drop()
    })
    assert.deepEqual((await migrate(database)).ran, [])
    assert.equal(await dump(empty.url), await dump(store.url))
    const rows = await database.as('acme').query<{ tenant: string }>({
      text: 'select distinct tenant from runs',
    })
    assert.deepEqual(rows, [{ tenant: 'acme' }])
  })
})
