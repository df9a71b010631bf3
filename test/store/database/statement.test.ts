import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { statement, unprepared } from '../../../src/store/database/statement.ts'
import { forEachDatabase } from '../../support/database.ts'

describe('a statement with named parameters', () => {
  it('numbers names in their order, and a repeated name once', () => {
    const find = statement('find', 'select :b, :a where x = :b')
    assert.deepEqual(find.with({ a: 1, b: 2 }), {
      name: 'find',
      text: 'select $1, $2 where x = $1',
      values: [2, 1],
    })
  })

  it('leaves casts, quoted text and comments as they are', () => {
    const text = `select ':a', 'it''s :a', ":a", x::json, :b::text[], 'z' || ':' -- of :a\n, y`
    const { text: made, values } = statement('quoted', text).with({ b: ['v'] })
    assert.equal(made, `select ':a', 'it''s :a', ":a", x::json, $1::text[], 'z' || ':' -- of :a\n, y`)
    assert.deepEqual(values, [['v']])
  })

  it('tells names apart of which one begins with the other', () => {
    const { text, values } = statement('prefix', 'select :run, :run_id').with({ run_id: 'b', run: 'a' })
    assert.equal(text, 'select $1, $2')
    assert.deepEqual(values, ['a', 'b'])
  })

  it('takes null for a value', () => {
    assert.deepEqual(statement('nothing', 'select :a').with({ a: null }).values, [null])
  })

  it('refuses a parameter that has no value', () => {
    const find = statement('find', 'select :run_id, :tenant')
    assert.throws(() => find.with({ tenant: 't' }), /find has no value for :run_id\./)
    assert.throws(() => find.with({ tenant: 't', run_id: undefined }), /no value for :run_id/)
  })

  it('refuses a value that has no parameter', () => {
    assert.throws(() => unprepared('select :a').with({ a: 1, b: 2 }), /no parameter for b\./)
  })

  it('refuses a text that numbers parameters as well, since the two would be taken for each other', () => {
    assert.throws(() => statement('mixed', 'select :a, $1'), /\$1 stands beside named parameters/)
  })

  it('has no name where it is not to be prepared', () => {
    assert.deepEqual(unprepared('select 1').with({}), { text: 'select 1', values: [] })
  })
})

forEachDatabase((_, open) => {
  it('is understood by the database', async () => {
    const database = await open()
    const add = statement('add_named', `select :a::integer + :b::integer as sum, ':c' as text, :a::text as a`)
    const rows = await database.query(add.with({ b: 2, a: 1 }))
    assert.deepEqual(rows, [{ sum: 3, text: ':c', a: '1' }])
  })
})
