import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Database } from '../../../src/store/database/database.ts'
import { impatient } from '../../../src/store/database/impatient.ts'
import { isOutage } from '../../../src/store/database/outage.ts'
import { STORE_TIMING } from '../../../src/store/database/timing.ts'

/** A database whose statements are answered when the test says so, and that is there or not. */
function slowDatabase(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const answer = Promise.withResolvers<object[]>()
  const told: unknown[] = []
  const looks: PromiseWithResolvers<boolean>[] = []
  const real = {
    query: () => answer.promise,
    transaction: async (work: (tx: unknown) => unknown) => work({ query: () => answer.promise }),
    as: () => real,
    get everyTenant() {
      return real
    },
  } as unknown as Database
  const look = () => {
    const one = Promise.withResolvers<boolean>()
    looks.push(one)
    return one.promise
  }
  const database = impatient(real, look, { lost: (error) => void told.push(error) })
  async function pass(ms: number): Promise<void> {
    t.mock.timers.tick(ms)
    await new Promise(setImmediate)
  }
  return { database, answer, told, looks, pass }
}

const statement = { text: 'select 1' }
const { doubtMs } = STORE_TIMING

test('a statement that is answered soon looks for nobody', async (t) => {
  const { database, answer, looks } = slowDatabase(t)
  const asked = database.query(statement)
  answer.resolve([{ is: 'there' }])
  assert.deepEqual(await asked, [{ is: 'there' }])
  assert.equal(looks.length, 0)
})

test('a slow statement goes on for as long as the store is there, and fails as it does', async (t) => {
  const { database, answer, looks, pass } = slowDatabase(t)
  const asked = database.query(statement)
  for (const n of [0, 1, 2]) {
    await pass(doubtMs)
    looks[n]?.resolve(true)
    await pass(0)
  }
  assert.equal(looks.length, 3)
  const refused = new Error('duplicate key')
  answer.reject(refused)
  await assert.rejects(asked, refused)
})

test('statements and transactions of a store that is away fail together, as an outage, after one look', async (t) => {
  const { database, looks, told, pass } = slowDatabase(t)
  const asked = [database, database.as('acme'), database.as('acme').everyTenant].flatMap((one) => [
    one.query(statement),
    one.transaction((tx) => tx.query(statement)),
  ])
  const ended = Promise.allSettled(asked)
  await pass(doubtMs)
  assert.equal(looks.length, 1)
  looks[0]?.resolve(false)
  await pass(0)
  await pass(0)
  const reasons = (await ended).map((one) => one.status === 'rejected' && one.reason)
  assert.ok(reasons.every(isOutage), JSON.stringify(reasons))
  assert.ok(told.length > 0)
})

test('an answer that came while the process was busy with looking is taken', async (t) => {
  const { database, answer, looks, told, pass } = slowDatabase(t)
  const asked = database.query(statement)
  await pass(doubtMs)
  answer.resolve([{ is: 'late' }])
  looks[0]?.resolve(false)
  await pass(0)
  assert.deepEqual(await asked, [{ is: 'late' }])
  assert.deepEqual(told, [])
})
