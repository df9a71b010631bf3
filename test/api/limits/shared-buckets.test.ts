import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSharedBuckets } from '../../../src/api/limits/shared-buckets.ts'
import type { Database } from '../../../src/store/database/database.ts'
import type { ApiBucket } from '../../../src/store/traffic/api-buckets.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'

const PER_MINUTE = 6_000
const bucketOf = (key: string): ApiBucket => ({ key, tenant: 't', perMinute: PER_MINUTE })

/** Buckets of a process that remembers two, with what it has told the log. */
async function open(t: { after(end: () => unknown): void }, { settleEveryMs = 600_000 } = {}) {
  const store = await openPgliteTestDatabase()
  t.after(() => store.close())
  let breakWith: Error | null = null
  const database: Database = {
    ...store.database,
    query: (asked) => (breakWith ? Promise.reject(breakWith) : store.database.query(asked)),
  }
  const told: string[] = []
  const logger = { debug: () => void told.push('debug'), warn: () => void told.push('warn') }
  // Settled by hand, with `close`.
  const another = () => createSharedBuckets(database, logger, { settleEveryMs, remembered: 2 })
  return {
    buckets: another(),
    another,
    told,
    breakWith(error: Error | null) {
      breakWith = error
    },
    async usedOf(key: string): Promise<number> {
      const [row] = await store.database.query<{ level: number }>({
        text: 'select level from api_buckets where key = $1',
        values: [key],
      })
      return row === undefined ? 0 : PER_MINUTE - row.level
    },
  }
}

test('a bucket that is forgotten before it is written down, and comes back, is counted once and in full', async (t) => {
  const { buckets, told, usedOf } = await open(t)
  for (const key of ['one', 'two', 'three', 'one']) await buckets.take([bucketOf(key)])
  await buckets.close()
  assert.deepEqual(told, [])
  assert.equal(await usedOf('one'), 2)
  assert.equal(await usedOf('three'), 1)
})

test('what could not be written down is counted never, and the log is warned', async (t) => {
  const { buckets, told, breakWith, usedOf } = await open(t)
  breakWith(new Error('relation "api_buckets" does not exist'))
  for (const key of ['one', 'two', 'three']) await buckets.take([bucketOf(key)])
  await buckets.close()
  assert.deepEqual(told, ['warn'])
  breakWith(null)
  await buckets.take([bucketOf('three')])
  await buckets.close()
  assert.deepEqual(told, ['warn'])
  assert.deepEqual([await usedOf('one'), await usedOf('three')], [0, 1])
})

test('a process that is refused takes nothing that another one then lacks', async (t) => {
  const { buckets, another } = await open(t)
  const bucket: ApiBucket = { key: 'few', tenant: 't', perMinute: 2 }
  const goes = async (process: typeof buckets) => (await process.take([bucket])).lacking === null
  const other = another()
  assert.equal(await goes(buckets), true)
  assert.equal(await goes(buckets), true)
  for (let request = 0; request < 5; request += 1) assert.equal(await goes(other), false)
  await buckets.giveBack([bucket])
  assert.equal(await goes(buckets), true)
})

test('what one process gives back, another one has', async (t) => {
  const { buckets, another } = await open(t, { settleEveryMs: 0 })
  const bucket: ApiBucket = { key: 'few', tenant: 't', perMinute: 1 }
  const other = another()
  await buckets.take([bucket])
  const { lacking } = await other.take([bucket])
  assert.ok(lacking !== null && lacking.moreInMs > 50_000, String(lacking?.moreInMs))
  await buckets.giveBack([bucket])
  assert.equal((await other.take([bucket])).lacking, null)
})
