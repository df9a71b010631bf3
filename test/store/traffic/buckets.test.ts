import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { BUCKETS } from '../../../src/policies/models/provider-limits.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { type Bucket, bucketKey } from '../../../src/store/traffic/bucket.ts'
import { forgetFullBuckets, listBuckets } from '../../../src/store/traffic/list-buckets.ts'
import { settleBuckets } from '../../../src/store/traffic/settle-buckets.ts'
import { type TakeFromBuckets, takeFromBuckets } from '../../../src/store/traffic/take-from-buckets.ts'
import { forEachDatabase } from '../../support/database.ts'
import { startRun } from '../support/samples.ts'

/** What a bucket holds: its limit, for the time that it holds. */
const PER_MINUTE = 600_000
const CAPACITY = (PER_MINUTE * BUCKETS.holdsMs) / 60_000

const bucket = (changes: Partial<Bucket> = {}): Bucket => ({
  provider: 'openai',
  model: 'gpt-test',
  tenant: null,
  unit: 'tokens',
  perMinute: PER_MINUTE,
  ...changes,
})

forEachDatabase((_, open) => {
  let db: Database
  let run: RunIdentity
  let buckets = 0
  before(async () => {
    db = await open()
    run = await startRun(db)
    // Its conversation has been counted, so that an estimate is exact.
    await db.query({
      text: 'update runs set context_tokens = 0, context_seq = 1000 where id = $1',
      values: [run.runId],
    })
  })

  /** A bucket that no other test has. */
  function ownBucket(changes: Partial<Bucket> = {}): Bucket {
    buckets += 1
    return bucket({ model: `gpt-${buckets}`, ...changes })
  }

  function take(of: readonly Bucket[], tokens: number, changes: Partial<TakeFromBuckets> = {}) {
    return takeFromBuckets(db, {
      run,
      agent: 'support',
      buckets: of,
      fixedTokens: 0,
      maxOutputTokens: tokens,
      mayOwe: false,
      ...changes,
    })
  }

  const settle = (of: readonly Bucket[], tokens: number, remaining: number | null = null) =>
    settleBuckets(
      db,
      of.map((bucket) => ({ bucket, returned: bucket.unit === 'tokens' ? tokens : 0, remaining })),
    )

  /** As if so much time had passed. */
  const age = (of: Bucket, ms: number) =>
    db.query({
      text: `update provider_buckets set at = at - $2 * interval '1 millisecond' where key = $1`,
      values: [bucketKey(of), ms],
    })

  async function clock(): Promise<number> {
    const [row] = await db.query<{ ms: number }>({
      text: 'select extract(epoch from clock_timestamp())::double precision * 1000 as ms',
    })
    return row?.ms ?? assert.fail('no time')
  }

  async function levelOf(of: Bucket): Promise<number> {
    const found = (await listBuckets(db, of.tenant ?? 'acme')).find((one) => bucketKey(one) === bucketKey(of))
    return found?.level ?? assert.fail('no such bucket')
  }

  test('200 takes at once grant exactly what fits, and take nothing out of another bucket', async () => {
    const tokens = ownBucket({ perMinute: 6_000 })
    const requests = ownBucket({ unit: 'requests', perMinute: 6_000 })
    const bystander = ownBucket()
    await take([bystander], 1)
    const beganAt = await clock()
    const results = await Promise.all(Array.from({ length: 200 }, () => take([tokens, requests], 15)))
    const granted = results.filter((taken) => !('lacking' in taken)).length
    // The bucket holds 1,000, and gets 100 a second meanwhile.
    const most = 1_000 + ((await clock()) - beganAt) / 10
    assert.ok(granted >= Math.floor(1_000 / 15), `${granted} were granted`)
    assert.ok(granted <= Math.floor(most / 15), `${granted} were granted of ${most} tokens`)
    assert.ok((await levelOf(tokens)) <= most - granted * 15 + 15)
    assert.ok((await levelOf(bystander)) >= CAPACITY - 1)
  })

  test('a call takes out of all its buckets or out of none, and is told which lacks and how long', async () => {
    const wide = ownBucket()
    const narrow = ownBucket({ tenant: 'acme', perMinute: 60 })
    assert.deepEqual(await take([wide, narrow], 10), { tokens: 10 })
    const refused = await take([wide, narrow], 10)
    assert.ok('lacking' in refused)
    assert.deepEqual(refused.lacking, narrow)
    assert.ok(refused.waitMs > 5_000 && refused.waitMs <= 10_000, `${refused.waitMs} ms`)
    assert.equal(refused.worthMs, 10_000)
    assert.ok((await levelOf(wide)) >= CAPACITY - 10, 'a refusal costs nothing')
  })

  test('a wait that is waited out is enough', async () => {
    const of = ownBucket()
    await take([of], CAPACITY)
    const refused = await take([of], 5_000)
    assert.ok('lacking' in refused)
    await age(of, refused.waitMs)
    assert.ok(!('lacking' in (await take([of], 5_000))))
  })

  test('what a call did not use comes back, and what it used beyond that is owed', async () => {
    // It holds 100, and gets one in 100 ms.
    const of = ownBucket({ perMinute: 600 })
    await take([of], 100)
    await settle([of], 50)
    assert.ok((await levelOf(of)) >= 50)
    await settle([of], -250)
    const level = await levelOf(of)
    assert.ok(level < -100 && level >= -200, `${level}`)
    const refused = await take([of], 10)
    assert.ok('lacking' in refused && refused.waitMs > 5_000)
  })

  test('nothing gives a bucket more than it holds', async () => {
    const of = ownBucket()
    await take([of], 10)
    await age(of, 3_600_000)
    assert.equal(await levelOf(of), CAPACITY)
    await settle([of], 1_000_000)
    assert.equal(await levelOf(of), CAPACITY)
  })

  test('a call larger than its bucket goes when the bucket is full, which then owes the rest', async () => {
    const of = ownBucket()
    assert.ok(!('lacking' in (await take([of], 3 * CAPACITY))))
    const level = await levelOf(of)
    assert.ok(level < -1.9 * CAPACITY && level >= -2 * CAPACITY, `${level}`)
    await age(of, 2 * BUCKETS.holdsMs)
    assert.ok('lacking' in (await take([of], 3 * CAPACITY)), 'it is not full yet')
  })

  test('a call that has waited long goes as soon as anything is left', async () => {
    const of = ownBucket({ perMinute: 6_000 })
    await take([of], 900)
    assert.ok('lacking' in (await take([of], 900)))
    assert.ok(!('lacking' in (await take([of], 900, { mayOwe: true }))))
    const refused = await take([of], 900, { mayOwe: true })
    assert.ok('lacking' in refused && refused.waitMs > 0, 'but not while it owes')
  })

  test('what a dead worker has taken is there again once the bucket has filled on', async () => {
    const of = ownBucket()
    await take([of], CAPACITY)
    await age(of, BUCKETS.holdsMs)
    assert.ok((await levelOf(of)) === CAPACITY)
  })

  test('what a provider says is left counts downwards', async () => {
    const of = ownBucket()
    await take([of], 1_000)
    await settle([of], 0, 50)
    const level = await levelOf(of)
    assert.ok(level >= 50 && level < 0.5 * CAPACITY, String(level))
    await settle([of], 0, 10_000_000)
    assert.ok((await levelOf(of)) <= 0.5 * CAPACITY)
  })

  test('a limit that is changed counts at once', async () => {
    const of = ownBucket()
    await take([of], 1)
    const lower = { ...of, perMinute: 60 }
    const refused = await take([lower], 50)
    assert.ok(!('lacking' in refused), 'a full bucket lets one large call go')
    assert.ok('lacking' in (await take([lower], 50)))
  })

  test('a call is estimated by what the provider last counted, and by the bytes of what came since', async () => {
    const fresh = await startRun(db)
    const of = ownBucket()
    const estimate = async () => {
      const taken = await takeFromBuckets(db, {
        run: fresh,
        agent: 'support',
        buckets: [of],
        fixedTokens: 4_000,
        maxOutputTokens: 100,
        mayOwe: false,
      })
      return 'lacking' in taken ? assert.fail('refused') : taken.tokens
    }
    const [{ bytes } = { bytes: 0 }] = await db.query<{ bytes: number }>({
      text: 'select sum(octet_length(message::text))::integer as bytes from messages where run_id = $1',
      values: [fresh.runId],
    })
    assert.ok(bytes > 0)
    assert.equal(await estimate(), Math.ceil(1_000 + bytes / 4 + 100))
    await db.query({
      text: 'update runs set context_tokens = 7000, context_seq = 1000 where id = $1',
      values: [fresh.runId],
    })
    assert.equal(await estimate(), 7_100)
  })

  test('a list has what all tenants share and what is the tenant’s own', async () => {
    const mine = ownBucket({ tenant: 'acme' })
    const others = ownBucket({ tenant: 'other' })
    await take([mine, others], 1)
    const keys = (await listBuckets(db, 'acme')).map(bucketKey)
    assert.ok(keys.includes(bucketKey(mine)) && !keys.includes(bucketKey(others)))
  })

  test('names with any separators are buckets of their own', async () => {
    const tricky = [
      ownBucket({ model: 'a/b', tenant: 'c' }),
      ownBucket({ model: 'a', tenant: 'b/c' }),
      ownBucket({ model: null, tenant: '"]' }),
    ]
    await take(tricky, 10)
    assert.equal(new Set(tricky.map(bucketKey)).size, 3)
  })

  test('rows of buckets that nobody uses are removed, and come again full', async () => {
    const of = ownBucket({ perMinute: 60 })
    await take([of], 10)
    assert.equal(await forgetFullBuckets(db), 0)
    await age(of, BUCKETS.keptForMs + 1)
    assert.equal(await forgetFullBuckets(db), 1)
    assert.ok(!('lacking' in (await take([of], 10))))
  })
})
