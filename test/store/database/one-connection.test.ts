import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Database, Db } from '../../../src/store/database/database.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import { openPostgresTestDatabase, type PostgresTestDatabase } from '../../support/postgres-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { startRun } from '../support/samples.ts'

const TENANTS = ['one', 'two', 'three']
const ROUNDS = 20

/** What a statement may come to before the next tenant has the connection. Each sees its tenant's row first. */
const ENDS: readonly ((db: Database) => Promise<unknown>)[] = [
  (db) => db.query({ text: 'select 1' }),
  (db) => assert.rejects(db.query({ text: 'select 1 / 0' }), { code: '22012' }),
  (db) => db.transaction((tx) => tx.query({ text: 'select 1' })),
  (db) => assert.rejects(db.transaction(changeMyMind), /changed my mind/),
  (db) => assert.rejects(db.transaction((tx) => tx.query({ text: 'select 1 / 0' }))),
  (db) => assert.rejects(db.transaction(forgetAnError), /was rolled back/),
  // The server goes on with it, and the connection is given up.
  (db) => assert.rejects(db.query({ text: 'select pg_sleep(0.2)', timeoutMs: 20 })),
  (db) => assert.rejects(db.transaction((tx) => tx.query({ text: 'select pg_sleep(0.2)', timeoutMs: 20 }))),
  // The server ends the statement, and the connection stays.
  (db) => assert.rejects(db.transaction(waitTooLong), { code: '57014' }),
  (db) => assert.rejects(db.query({ text: 'select pg_terminate_backend(pg_backend_pid())' })),
]

async function changeMyMind(tx: Db): Promise<never> {
  await tx.query({ text: 'select 1' })
  throw new Error('changed my mind')
}

async function forgetAnError(tx: Db): Promise<void> {
  await tx.query({ text: 'select 1 / 0' }).catch(() => undefined)
}

async function waitTooLong(tx: Db): Promise<void> {
  await tx.query({ text: `set local statement_timeout = '20ms'` })
  await tx.query({ text: 'select pg_sleep(1)' })
}

describe('tenants that share one connection', () => {
  let store: PostgresTestDatabase
  let shared: Database

  before(async () => {
    store = await openPostgresTestDatabase()
    for (const tenant of TENANTS) await startRun(store.database, { tenant })
    shared = openPostgres({ url: store.url, logger: testLogger, maxConnections: 1 })
  })
  after(async () => {
    await shared.close()
    await store.close()
  })

  const seen = async (db: Db, n: number): Promise<string[]> => {
    const named = n % 2 === 0 && { name: 'tenants_of_runs' }
    const rows = await db.query<{ tenant: string }>({
      text: 'select tenant from runs order by tenant',
      ...named,
    })
    return rows.map(({ tenant }) => tenant)
  }

  it('see their own rows, whatever the statement before came to', async () => {
    const upkeep = { db: shared, own: TENANTS.toSorted() }
    const callers = [upkeep, ...TENANTS.map((tenant) => ({ db: shared.as(tenant), own: [tenant] }))]
    await Promise.all(
      callers.map(async ({ db, own }, place) => {
        for (let n = 0; n < ROUNDS; n += 1) {
          await ENDS[(n + place * 3) % ENDS.length]?.(db)
          assert.deepEqual(await seen(db, n), own)
          assert.deepEqual(await db.transaction((tx) => seen(tx, n)), own)
        }
      }),
    )
    const { used, idle } = shared.connections()
    assert.ok(used + idle <= 1)
  })
})
