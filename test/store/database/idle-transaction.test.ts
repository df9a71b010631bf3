import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPglite } from '../../../src/store/database/pglite.ts'

const IDLE_MS = 50

test('a transaction that sends nothing more is rolled back, and the only connection serves others again', async () => {
  const database = await openPglite({ idleInTransactionMs: IDLE_MS })
  await database.query({ text: 'create table kept (n integer)' })
  const never = Promise.withResolvers<void>()
  let late: (() => Promise<unknown>) | undefined
  await assert.rejects(
    database.transaction(async (tx) => {
      await tx.query({ text: 'insert into kept values (1)' })
      late = () => tx.query({ text: 'insert into kept values (2)' })
      await never.promise
    }),
    /rolled back: it has sent no statement for 50 ms/,
  )
  assert.deepEqual(await database.query({ text: 'select n from kept' }), [])
  await assert.rejects(late?.() ?? Promise.resolve(), /The transaction is over/)
  assert.deepEqual(await database.query({ text: 'select n from kept' }), [])
  await database.close()
})

test('a statement that takes longer than that is waited for, and the clock starts anew after each', async () => {
  const database = await openPglite({ idleInTransactionMs: IDLE_MS })
  const rows = await database.transaction(async (tx) => {
    for (const _ of [1, 2]) await tx.query({ text: `select pg_sleep(${(2 * IDLE_MS) / 1_000})` })
    return tx.query({ text: 'select 1 as n' })
  })
  assert.deepEqual(rows, [{ n: 1 }])
  await database.close()
})
