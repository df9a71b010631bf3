import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, type TestContext, test } from 'node:test'
import pino from 'pino'
import type { Database } from '../../../src/store/database/database.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import { openPostgresTestDatabase, type PostgresTestDatabase } from '../../support/postgres-database.ts'

const logger = pino({ level: 'silent' })

let admin: PostgresTestDatabase
before(async () => {
  admin = await openPostgresTestDatabase()
})
after(() => admin.close())

function open(t: TestContext, url = admin.url): Database {
  const database = openPostgres({ url, logger })
  t.after(() => database.close())
  return database
}

/** Ends every other connection to the test's database, as a restart of the server does. */
async function killOthers(): Promise<void> {
  await admin.database.query({
    text: `
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`,
  })
}

test('statements go on after every connection was killed while idle', async (t) => {
  const database = open(t)
  await Promise.all(Array.from({ length: 5 }, () => database.ping()))
  await killOthers()
  // A connection whose end has not been noticed yet may fail one statement, never more than there were.
  let failures = 0
  for (let n = 0; n < 10; n += 1) await database.ping().catch(() => (failures += 1))
  assert.ok(failures <= 5)
  await Promise.all(Array.from({ length: 5 }, () => database.ping()))
})

test('a statement and a transaction whose connection is killed fail, the process lives, and the next ones work', async (t) => {
  const database = open(t)
  const sleeping = database.query({ text: 'select pg_sleep(30)' })
  const inTransaction = Promise.withResolvers<void>()
  const killed = Promise.withResolvers<void>()
  const transaction = database.transaction(async (tx) => {
    await tx.query({ text: 'select 1' })
    inTransaction.resolve()
    await killed.promise
    await tx.query({ text: 'select 2' })
  })
  const failed = [assert.rejects(sleeping), assert.rejects(transaction)]
  await inTransaction.promise
  await killOthers()
  killed.resolve()
  await Promise.all(failed)
  await database.ping()
})

test('a listener whose connection is killed listens again, and says that it may have missed something', async (t) => {
  const database = open(t)
  const gap = Promise.withResolvers<void>()
  const heard: string[] = []
  const first = Promise.withResolvers<void>()
  const enough = Promise.withResolvers<void>()
  const hear = (payload: string) => {
    heard.push(payload)
    if (payload === 'before') first.resolve()
    if (payload === 'last') enough.resolve()
  }
  const stop = await database.listen('news', hear, () => gap.resolve())
  const stopFailing = await database.listen('news', () => {
    throw new Error('a listener of its own')
  })
  const notify = (payload: string) =>
    admin.database.query({ text: 'select pg_notify($1, $2)', values: ['news', payload] })
  await notify('before')
  // A connection that is killed sooner takes it along.
  await first.promise
  await killOthers()
  await notify('missed, or not')
  await gap.promise
  await notify('after')
  await notify('last')
  await enough.promise
  assert.deepEqual(heard.slice(-2), ['after', 'last'])
  await Promise.all([stop(), stopFailing()])
})

test('many who begin and stop listening at once take turns on the one connection', async (t) => {
  const database = open(t)
  const warnings: string[] = []
  const warn = ({ message }: Error) => warnings.push(message)
  process.on('warning', warn)
  t.after(() => process.off('warning', warn))
  const heard = Promise.withResolvers<string>()
  const channels = Array.from({ length: 5 }, (_, n) => `channel ${n}`)
  const stops = await Promise.all(channels.map((channel) => database.listen(channel, heard.resolve)))
  await admin.database.query({ text: `select pg_notify('channel 4', 'news')` })
  assert.equal(await heard.promise, 'news')
  await Promise.all(stops.map((stop) => stop()))
  // pg warns of a statement that is sent while another is under way: it will be refused one day.
  assert.deepEqual(warnings, [])
})

test('closing while the listener tries to connect again ends it', async (t) => {
  const database = open(t)
  await database.listen('news', () => undefined)
  await killOthers()
  await database.close()
  const [row] = await admin.database.query<{ count: number }>({
    text: `
      select count(*) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and state is not null`,
  })
  assert.equal(row?.count, 0)
})

test('a server that is not there is an error of the statement and of listening', async (t) => {
  const database = open(t, 'postgres://postgres@127.0.0.1:1/none')
  await assert.rejects(database.ping(), { code: 'ECONNREFUSED' })
  await assert.rejects(
    database.listen('news', () => undefined),
    { code: 'ECONNREFUSED' },
  )
})

test('a server that takes the connection and says nothing is given up', async (t) => {
  const silent = createServer((socket) => socket.on('error', () => undefined).resume())
  t.after(() => silent.close())
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const address = silent.address()
  assert.ok(typeof address === 'object' && address)
  const database = open(t, `postgres://postgres@127.0.0.1:${address.port}/none`)
  await assert.rejects(database.ping(), /timeout/)
})

const PLANNING = `select current_setting('plan_cache_mode') as mode, $1::integer as n`

test('a named statement is planned once, and one without a name for its values', async (t) => {
  const database = openPostgres({ url: admin.url, logger, maxConnections: 1 })
  t.after(() => database.close())
  const named = async (n: number) =>
    (await database.query({ name: 'planning', text: PLANNING, values: [n] }))[0]
  const unnamed = async (n: number) => (await database.query({ text: PLANNING, values: [n] }))[0]
  assert.deepEqual(await named(1), { mode: 'force_generic_plan', n: 1 })
  assert.deepEqual(await unnamed(2), { mode: 'auto', n: 2 })
  await assert.rejects(database.query({ text: 'select 1 / $1::integer', values: [0] }), { code: '22012' })
  assert.deepEqual(await named(3), { mode: 'force_generic_plan', n: 3 })
  const [plans] = await database.query({
    text: `select generic_plans, custom_plans from pg_prepared_statements where name = 'planning'`,
  })
  assert.deepEqual(plans, { generic_plans: 2, custom_plans: 0 })
})

test('a statement without a name is kept, and not to be used inside a transaction', async (t) => {
  const database = open(t)
  await database.query({ text: 'create table kept (n integer)' })
  await database.query({ text: 'insert into kept values ($1)', values: [7] })
  assert.deepEqual(await admin.database.query({ text: 'select n from kept' }), [{ n: 7 }])
  await assert.rejects(
    database.transaction(() => database.query({ text: 'select $1::integer', values: [1] })),
    /only the transaction/,
  )
})

test('statements and idle transactions have a time limit on the server', async () => {
  const text = `select current_setting('statement_timeout') as statement, current_setting('idle_in_transaction_session_timeout') as idle`
  assert.deepEqual(await admin.database.query({ text }), [{ statement: '15s', idle: '30s' }])
})
