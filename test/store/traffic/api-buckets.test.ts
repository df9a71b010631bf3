import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Database } from '../../../src/store/database/database.ts'
import { type ApiBucket, forgetApiBuckets, useApiBuckets } from '../../../src/store/traffic/api-buckets.ts'
import { forEachDatabase } from '../../support/database.ts'

const PER_MINUTE = 600

forEachDatabase((_, open) => {
  let db: Database
  let buckets = 0
  before(async () => {
    db = await open()
  })

  function ownBucket(changes: Partial<ApiBucket> = {}): ApiBucket {
    buckets += 1
    return { key: `bucket ${buckets}`, tenant: 'acme', perMinute: PER_MINUTE, ...changes }
  }

  async function use(bucket: ApiBucket, used: number): Promise<number> {
    return (await useApiBuckets(db, [{ bucket, used, asked: 0 }])).get(bucket.key)?.level ?? Number.NaN
  }

  async function ask(bucket: ApiBucket, asked: number, used = 0): Promise<number> {
    return (await useApiBuckets(db, [{ bucket, used, asked }])).get(bucket.key)?.granted ?? Number.NaN
  }

  /** As if the bucket had been used last so long ago. */
  async function age({ key }: ApiBucket, seconds: number): Promise<void> {
    await db.query({
      text: `update api_buckets set at = at - make_interval(secs => $2) where key = $1`,
      values: [key, seconds],
    })
  }

  /** A bucket fills while a test runs. */
  function assertAbout(level: number, expected: number): void {
    assert.ok(level >= expected - 0.001 && level < expected + 20, `${level} is not about ${expected}`)
  }

  test('a bucket without a row holds a minute’s worth', async () => {
    assertAbout(await use(ownBucket(), 1), PER_MINUTE - 1)
  })

  test('what was used adds up, and comes back with the time', async () => {
    const bucket = ownBucket()
    await use(bucket, 400)
    assertAbout(await use(bucket, 100), 100)
    await age(bucket, 30)
    assertAbout(await use(bucket, 0), 400)
    await age(bucket, 600)
    assert.equal(await use(bucket, 0), PER_MINUTE)
  })

  test('a bucket owes what was let through beyond it', async () => {
    const bucket = ownBucket()
    await use(bucket, PER_MINUTE)
    assertAbout(await use(bucket, 50), -50)
    assertAbout(await use(bucket, -50), 0)
  })

  test('of what is asked for a bucket gives what it has, and keeps the rest of one', async () => {
    const bucket = ownBucket({ perMinute: 2 })
    assert.equal(await ask(bucket, 1), 1)
    assert.equal(await ask(bucket, 5), 1)
    assert.equal(await ask(bucket, 1), 0)
    assert.ok((await use(bucket, 0)) < 1)
    assert.equal(await ask(bucket, 1, -1), 1)
  })

  test('a bucket that owes gives nothing, and owes no more for being asked', async () => {
    const bucket = ownBucket()
    await use(bucket, PER_MINUTE + 50)
    assert.equal(await ask(bucket, 10), 0)
    assertAbout(await use(bucket, 0), -50)
  })

  test('processes that ask a new bucket at once get no more than it has', async () => {
    const bucket = ownBucket({ perMinute: 10 })
    const granted = await Promise.all(Array.from({ length: 20 }, () => ask(bucket, 1)))
    assert.equal(
      granted.reduce((sum, one) => sum + one),
      10,
    )
  })

  test('another limit holds from the next use on', async () => {
    const bucket = ownBucket()
    await use(bucket, 0)
    assert.equal(await use({ ...bucket, perMinute: 60 }, 10), 50)
  })

  test('buckets that several processes use at once, in any order, lose no use', async () => {
    const both = [ownBucket({ perMinute: 1_000_000 }), ownBucket({ perMinute: 1_000_000 })]
    const before = performance.now()
    await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        useApiBuckets(
          db,
          (at % 2 === 0 ? both : both.toReversed()).map((bucket) => ({ bucket, used: 10_000, asked: 0 })),
        ),
      ),
    )
    const come = ((performance.now() - before) * 1_000_000) / 60_000
    for (const bucket of both) {
      const level = await use(bucket, 0)
      assert.ok(level >= 600_000 && level <= 600_000 + come + 20_000, String(level))
    }
  })

  test('a bucket that is full again is forgotten', async () => {
    const [old, young] = [ownBucket(), ownBucket()]
    await use(old, 500)
    await use(young, 500)
    await age(old, 7_200)
    await forgetApiBuckets(db, 3_600_000)
    const rows = await db.query<{ key: string }>({
      text: 'select key from api_buckets where key = any ($1)',
      values: [[old.key, young.key]],
    })
    assert.deepEqual(
      rows.map(({ key }) => key),
      [young.key],
    )
  })
})
