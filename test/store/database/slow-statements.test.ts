import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { SLOW_STATEMENT_MS } from '../../../src/policies/operations/telemetry.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { overPglite } from '../../../src/store/database/pglite.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import type { SlowListener, SlowStatement } from '../../../src/store/database/slow-statements.ts'
import { createEmptyDatabase } from '../../support/postgres-database.ts'
import { testLogger } from '../../support/test-runtime.ts'

/** Of one connection, so that statements wait for each other. */
const OPENERS: Record<string, (onSlow: SlowListener) => Promise<readonly [Database, () => Promise<void>]>> = {
  async pglite(onSlow) {
    const database = overPglite(await PGlite.create(), { onSlow })
    return [database, () => database.close()]
  },
  async postgres(onSlow) {
    const { url, drop } = await createEmptyDatabase()
    const database = openPostgres({ url, logger: testLogger, onSlow, maxConnections: 1 })
    return [database, () => database.close().then(drop)]
  },
}

const sleep = (name: string) => ({
  name,
  text: 'select pg_sleep($1::float8 / 1000)',
  values: [SLOW_STATEMENT_MS + 50],
})

for (const [name, open] of Object.entries(OPENERS)) {
  describe(`on ${name}`, () => {
    test('a statement that takes long is told of, with its wait for a connection, and to whoever has sent it', async (t) => {
      const sender = new AsyncLocalStorage<string>()
      const told: (SlowStatement & { readonly by: string | undefined })[] = []
      const [database, close] = await open((slow) => void told.push({ ...slow, by: sender.getStore() }))
      t.after(close)
      await database.query({ name: 'quick', text: 'select 1' })
      await Promise.all([
        sender.run('ann', () => database.query(sleep('first'))),
        sender.run('bob', () => database.query({ name: 'second', text: 'select 1' })),
        sender.run('cid', () =>
          database.transaction(async (tx) => {
            await tx.query({ name: 'third', text: 'select 1' })
            await tx.query(sleep('within'))
          }),
        ),
        sender.run('dan', () => database.query({ text: 'select $1::integer', values: [1] })),
      ])
      assert.deepEqual(told.map(({ name = 'unnamed', by }) => [name, by]).toSorted(), [
        ['first', 'ann'],
        ['second', 'bob'],
        ['third', 'cid'],
        ['unnamed', 'dan'],
        ['within', 'cid'],
      ])
      for (const { durationMs, waitedMs, startedAtMs, ...slow } of told) {
        assert.ok(durationMs >= SLOW_STATEMENT_MS, `${durationMs} ms`)
        assert.ok(Math.abs(Date.now() - startedAtMs - durationMs) < 60_000)
        if (slow.name !== 'first' && slow.name !== 'within')
          assert.ok(waitedMs >= SLOW_STATEMENT_MS, `${waitedMs} ms`)
        else assert.ok(waitedMs < SLOW_STATEMENT_MS, `${waitedMs} ms`)
        assert.ok(!('error' in slow))
      }
    })

    test('a commit that takes long is told of', async (t) => {
      const told: SlowStatement[] = []
      const [database, close] = await open((slow) => void told.push(slow))
      t.after(close)
      for (const text of [
        'create table checked ()',
        `create function check_slowly() returns trigger language plpgsql security definer as
          'begin perform pg_sleep(${(SLOW_STATEMENT_MS + 50) / 1_000}); return null; end'`,
        `create constraint trigger checks after insert on checked deferrable initially deferred
          for each row execute function check_slowly()`,
      ])
        await database.query({ text })
      told.length = 0
      await database.transaction((tx) =>
        tx.query({ name: 'quick', text: 'insert into checked default values' }),
      )
      assert.deepEqual(
        told.map(({ name }) => name),
        ['commit'],
      )
    })

    test('one that fails after a long time is told of with its error', async (t) => {
      const told: SlowStatement[] = []
      const [database, close] = await open((slow) => void told.push(slow))
      t.after(close)
      const failing = {
        ...sleep('failing'),
        text: `select pg_sleep($1::float8 / 1000), 1 / (select count(*) from pg_class where relname = '')`,
      }
      await assert.rejects(database.query(failing), /division by zero/)
      await assert.rejects(database.query({ text: 'select nonsense' }))
      assert.deepEqual(
        told.map(({ name, error }) => [name, (error as Error).message]),
        [['failing', 'division by zero']],
      )
    })
  })
}
