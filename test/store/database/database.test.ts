import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Database } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { forEachDatabase } from '../../support/database.ts'

forEachDatabase((name, open) => {
  let db: Database
  before(async () => {
    db = await open()
    await db.query({ text: 'create table notes (id integer primary key, text text)' })
  })

  const notes = () => db.query<{ id: number }>({ text: 'select id from notes order by id' })

  test('it says what it is and that it answers', async () => {
    assert.equal(db.kind, name)
    await db.ping()
  })

  test('numbers, times and JSON come back as numbers, RFC 3339 and values', async () => {
    const text = `
      select 9007199254740991::bigint as large, count(*) as count, null::bigint as nothing,
        '2026-03-01 12:00:00.5+02'::timestamptz as "time", '{"b":1,"a":[true,null]}'::json as json, '{x,y}'::text[] as list`
    assert.deepEqual(await db.query({ text }), [
      {
        large: 9_007_199_254_740_991,
        count: 1,
        nothing: null,
        time: '2026-03-01T10:00:00.500Z',
        json: { b: 1, a: [true, null] },
        list: ['x', 'y'],
      },
    ])
  })

  test('a transaction is all or nothing', async () => {
    await db.transaction(async (tx) => {
      await tx.query({ text: 'insert into notes values (1)' })
      await tx.query({ text: 'insert into notes values (2)' })
    })
    const failing = db.transaction(async (tx) => {
      await tx.query({ text: 'insert into notes values (3)' })
      throw new Error('changed my mind')
    })
    await assert.rejects(failing, /changed my mind/)
    assert.deepEqual(await notes(), [{ id: 1 }, { id: 2 }])
  })

  test('a transaction that swallowed a failed statement does not claim to have happened', async () => {
    const failing = db.transaction(async (tx) => {
      await tx.query({ text: 'insert into notes values (4)' })
      await tx.query({ text: 'select 1 / 0' }).catch(() => null)
    })
    await assert.rejects(failing, /rolled back/)
    assert.equal((await notes()).length, 2)
  })

  test('inside a transaction the database itself refuses instead of waiting for itself', async () => {
    const failing = db.transaction(() => db.query({ text: 'select 1' }))
    await assert.rejects(failing, /only the transaction/)
    await db.ping()
  })

  test('a refused statement, prepared or not, leaves the connection as good as before', async () => {
    const divide = (by: unknown) =>
      db.query({ name: 'divide', text: 'select 6 / $1::integer as n', values: [by] })
    await assert.rejects(db.query({ name: 'mistaken', text: 'select $1 is null', values: [1] }))
    await assert.rejects(divide(0), { code: '22012' })
    await assert.rejects(divide('six'), { code: '22P02' })
    await assert.rejects(db.query({ text: 'no sql at all' }), { code: '42601' })
    assert.deepEqual(await divide(2), [{ n: 3 }])
  })

  test('many statements and transactions at once all get their turn', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        n % 3 === 0
          ? db.transaction(
              async (tx) =>
                (await tx.query<{ n: number }>({ text: 'select $1::int as n', values: [n] }))[0]?.n,
            )
          : db
              .query<{ n: number }>({ name: 'turn', text: 'select $1::int as n', values: [n] })
              .then(([row]) => row?.n),
      ),
    )
    assert.deepEqual(
      answers,
      Array.from({ length: 60 }, (_, n) => n),
    )
  })

  test('a listener hears its channel, may use the database when it does, and stops', async () => {
    const heard: string[] = []
    const second = Promise.withResolvers<void>()
    const stop = await db.listen('one', (payload) => {
      heard.push(payload)
      if (payload !== 'b') return
      db.transaction((tx) => tx.query({ text: 'select 1' })).then(() => second.resolve(), second.reject)
    })
    const heardByOther: string[] = []
    const stopOther = await db.listen('Two "quoted"', (payload) => heardByOther.push(payload))
    const notify = (channel: string, payload: string) =>
      db.query({ text: 'select pg_notify($1, $2)', values: [channel, payload] })
    await notify('one', 'a')
    await notify('Two "quoted"', 'x')
    await notify('one', 'b')
    await second.promise
    await stop()
    await notify('one', 'c')
    const last = Promise.withResolvers<void>()
    const stopLast = await db.listen('last', () => last.resolve())
    await notify('last', '')
    await last.promise
    assert.deepEqual(heard, ['a', 'b'])
    assert.deepEqual(heardByOther, ['x'])
    await Promise.all([stopOther(), stopLast()])
  })

  test('what is listened to while a transaction is open is heard although the transaction is undone', async () => {
    const heard = Promise.withResolvers<string>()
    const undone = db.transaction(async (tx) => {
      await tx.query({ text: 'insert into notes values (9)' })
      await tx.query({ text: `select pg_notify('during', 'undone')` })
      throw new Error('undo')
    })
    const listening = db.listen('during', heard.resolve)
    await assert.rejects(undone, /undo/)
    const stop = await listening
    await db.query({ text: `select pg_notify('during', 'after')` })
    assert.equal(await heard.promise, 'after')
    await stop()
  })

  test('migrating again changes nothing', async () => {
    const applied = () =>
      db.query({ text: 'select version, run_at from holdfast_migrations order by version' })
    const first = await applied()
    await migrate(db)
    await Promise.all([migrate(db), migrate(db)])
    assert.deepEqual(await applied(), first)
  })

  test('closing lets what is under way end, may be repeated, and is final', async () => {
    const own = await open()
    const queries = Promise.all(Array.from({ length: 20 }, () => own.query({ text: 'select 1 as n' })))
    await Promise.all([own.close(), own.close()])
    assert.equal((await queries).length, 20)
    await assert.rejects(own.query({ text: 'select 1' }))
  })
})
