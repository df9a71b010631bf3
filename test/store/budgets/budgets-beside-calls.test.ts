import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { deleteBudget, listBudgets, type NewBudget, putBudget } from '../../../src/store/budgets/budgets.ts'
import { AttemptsLocked } from '../../../src/store/budgets/lock-model-attempts.ts'
import { putTimeZone } from '../../../src/store/budgets/tenants.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { openPostgresTestDatabase } from '../../support/postgres-database.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { assertBooks } from '../support/books.ts'
import { answerTo, begun, startRun } from '../support/samples.ts'

// The embedded database has one connection: nothing is beside anything there.
let store: TestDatabase
let db: Database
before(async () => {
  store = await openPostgresTestDatabase()
  db = store.database
})
after(() => store.close())

const budget = (tenant: string, limitMicroUsd: number): NewBudget => ({
  tenant,
  scope: 'tenant',
  subject: tenant,
  period: 'month',
  limitMicroUsd,
  limitTokens: null,
  onReached: 'pause',
  threshold: 0.8,
  by: 'ann',
})

/** While a call of another tenant is being booked and does not come to its end. */
async function besideABooking<T>(work: () => Promise<T>): Promise<T> {
  const { promise: worked, resolve: end } = Promise.withResolvers<void>()
  const { promise: booking, resolve: booked } = Promise.withResolvers<void>()
  const other = db.transaction(async (tx) => {
    await tx.query({ text: 'lock table model_attempts in row exclusive mode' })
    booked()
    await worked
  })
  await booking
  try {
    return await work()
  } finally {
    end()
    await other
  }
}

test('a budget that is there is changed, and a time zone set, without waiting for anybody who books', async () => {
  const tenant = 'there'
  await putBudget(db, budget(tenant, 1_000))
  await besideABooking(async () => {
    assert.equal((await putBudget(db, budget(tenant, 2_000))).limitMicroUsd, 2_000)
    await putTimeZone(db, tenant, 'Europe/Berlin')
  })
})

test('a new budget waits a short time for those who book, then gives up and changes nothing', async () => {
  const tenant = 'new'
  await besideABooking(() => assert.rejects(putBudget(db, budget(tenant, 1_000)), AttemptsLocked))
  assert.deepEqual(await listBudgets(db, tenant), [])
  await putBudget(db, budget(tenant, 1_000))
})

test('budgets made anew again and again beside calls leave exact books', async () => {
  const tenant = 'anew'
  const play = async (n: number) => {
    const run = await startRun(db, { tenant, principal: `p${n % 3}` })
    for (let step = 1; step <= 8; step++) {
      await storeModelCall(db, answerTo(run, await begun(db, run, { step, seq: step }), { step, seq: step }))
    }
    await begun(db, run, { step: 9, seq: 9 })
  }
  const remake = async () => {
    for (let n = 0; n < 6; n++) {
      const each: NewBudget = { ...budget(tenant, 1e9), scope: 'principal', subject: '*' }
      await Promise.all([putBudget(db, each), putBudget(db, budget(tenant, 1e9))])
      if (n < 5) await Promise.all([deleteBudget(db, each), deleteBudget(db, budget(tenant, 1e9))])
    }
  }
  await Promise.all([...Array.from({ length: 12 }, (_, n) => play(n)), remake()])
  await assertBooks(db, tenant)
})
