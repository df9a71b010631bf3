import { BUCKETS } from '../../policies/models/provider-limits.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { type Bucket, bucketKey, capacityOf, levelNow, lockBuckets } from './bucket.ts'

/** What calls have really used of one bucket. */
export interface BucketSettlement {
  readonly bucket: Bucket
  /** What comes back of what was taken; below 0 where the calls have used more. */
  readonly returned: number
  /** What the provider says is left of its own limit, which the bucket follows downwards; null where it does not say. */
  readonly remaining: number | null
}

/*
 *   asked    the buckets, with what comes back
 *   locked   their rows, see `lockBuckets`
 *   settled  the rows. A bucket never has more than it can hold
 */
const SETTLE = statement(
  'settle_buckets',
  `
  with asked as (
    select * from unnest(:keys::text[], :per_minutes::bigint[], :returned::double precision[], :remaining::double precision[])
      as asked (key, per_minute, returned, remaining)
  ),
  ${lockBuckets('provider_buckets')},
  settled as (
    update provider_buckets as bucket
    set at = moment.now,
      level = least(${levelNow('locked', 'asked')} + asked.returned, ${capacityOf('asked')}, asked.remaining)
    from asked join locked using (key), moment
    where bucket.key = asked.key
    returning 1
  )
  select count(*)::integer as settled from settled`,
)

/** Puts what calls have really used in the place of what was taken for them. Each bucket stands in the list once. */
export async function settleBuckets(db: Db, settlements: readonly BucketSettlement[]): Promise<void> {
  await db.query(
    SETTLE.with({
      keys: settlements.map(({ bucket }) => bucketKey(bucket)),
      per_minutes: settlements.map(({ bucket }) => bucket.perMinute),
      returned: settlements.map(({ returned }) => returned),
      remaining: settlements.map(({ remaining }) => remaining),
      holds_ms: BUCKETS.holdsMs,
    }),
  )
}
