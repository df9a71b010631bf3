import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import pino from 'pino'
import type { Database } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import { hasTenantWall } from '../../../src/store/database/tenants/tenant-wall.ts'
import { holdfast } from '../../cli/support/holdfast.ts'
import { startApiProcess, startWorkerProcess, variablesFor } from '../../support/holdfast-process.ts'
import { type PostgresServer, startPostgres } from '../../support/postgres.ts'
import { temporalEnvironment } from '../../support/temporal.ts'
import { get, post } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

/* A server of its own, since roles are the whole server's: here nobody has made the tenants' role, and the store's user may not. */

let server: PostgresServer
let url: string

before(async () => {
  server = await startPostgres()
  await asSuperuser('create role plain login nosuperuser nocreatedb nocreaterole')
  await asSuperuser('create database plain owner plain')
  const own = new URL(server.url)
  own.username = 'plain'
  own.pathname = '/plain'
  url = own.href
})
after(() => server.stop())

async function asSuperuser(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}

/** A process's database, brought up to date, and what it has warned of. */
async function open(): Promise<{ database: Database; warnings: string[] }> {
  const warnings: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line) => void warnings.push(JSON.parse(line).msg) })
  const database = openPostgres({ url, logger })
  await migrate(database)
  return { database, warnings }
}

test('where the role cannot be made the API starts, says so once, and works', async () => {
  const { database, warnings } = await open()
  const api = await startApi(database, recordingTemporal().client, 'test', { auth: 'keys' })
  const ann = await makeKey(database, { tenant: 'acme', principal: 'ann' })
  const eve = await makeKey(database, { tenant: 'other', principal: 'eve' })
  const started = await post<{ id: string }>(
    `${api.url}/v1/runs`,
    { agent: 'assistant', input: 'Hi' },
    ann.headers,
  )
  assert.equal(started.status, 202)
  const statusOf = async ({ headers }: typeof ann) =>
    (await get(`${api.url}/v1/runs/${started.body.id}`, headers)).status
  assert.deepEqual([await statusOf(ann), await statusOf(eve)], [200, 404])
  await api.close()
  assert.equal(await hasTenantWall(database), false)
  await database.close()
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /^Row-level security is off: .*docs\/guides\/tenants\.md/)
})

test('holdfast migrate says so when it ends, API and worker when they start', async (t) => {
  const app = 'test/support/office.ts'
  const migrated = await holdfast(['migrate', app], { DATABASE_URL: url })
  assert.deepEqual([migrated.code, migrated.err], [0, ''])
  assert.match(migrated.out, /\nRow-level security is off: [^\n]*docs\/guides\/tenants\.md\.\n$/)

  const temporal = await temporalEnvironment()
  t.after(() => temporal.close())
  // Nobody asks a model.
  const provider = { url: 'http://127.0.0.1:9' }
  const variables = variablesFor({ databaseUrl: url, temporal, provider })
  for (const start of [startApiProcess, startWorkerProcess]) {
    const started = await start({ app, variables })
    await started.says('Row-level security is off: ')
    await started.kill()
  }
})

test('once a superuser has made it as the guide says, the next start has the wall', async () => {
  await asSuperuser('create role holdfast_tenant nologin')
  await asSuperuser('grant holdfast_tenant to plain')
  const { database, warnings } = await open()
  assert.equal(await hasTenantWall(database), true)
  const ask = { text: 'select tenant from api_keys order by tenant' }
  assert.deepEqual(await database.as('acme').query(ask), [{ tenant: 'acme' }])
  assert.deepEqual(await database.query(ask), [{ tenant: 'acme' }, { tenant: 'other' }])
  assert.deepEqual(warnings, [])
  await database.close()
})
