import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { toAppDatabase } from '../../../src/store/database/app-database.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { forEachDatabase } from '../../support/database.ts'

forEachDatabase((_, open) => {
  let database: Database
  before(async () => {
    database = await open()
    await database.query({ text: 'create table app_notes (text text)' })
  })

  test('a prepared statement of the application does not meet one of the product of the same name', async () => {
    const app = toAppDatabase(database)
    // In one transaction all go over one connection, where one name with two texts is an error.
    const rows = await database.transaction(async (tx) => [
      await tx.query({ name: 'find', text: 'select 1 as of_product' }),
      await toAppDatabase({ ...database, query: tx.query }).query({
        name: 'find',
        text: 'select 2 as of_app',
      }),
    ])
    assert.deepEqual(rows, [[{ of_product: 1 }], [{ of_app: 2 }]])
    assert.deepEqual(await app.query({ name: 'find', text: 'select 2 as of_app' }), [{ of_app: 2 }])
  })

  test('a transaction is all or nothing, and nothing but statements can be sent', async () => {
    const app = toAppDatabase(database)
    const failing = app.transaction(async (tx) => {
      await tx.query({ text: 'insert into app_notes values ($1)', values: ['undone'] })
      throw new Error('undo')
    })
    await assert.rejects(failing, /undo/)
    await app.transaction((tx) => tx.query({ text: `insert into app_notes values ('kept')` }))
    assert.deepEqual(await app.query({ text: 'select text from app_notes' }), [{ text: 'kept' }])
    assert.deepEqual(Object.keys(app).sort(), ['query', 'transaction'])
  })
})
