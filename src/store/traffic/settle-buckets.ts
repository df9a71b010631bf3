import { BUCKETS } from '../../policies/provider-limits.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { type Bucket, bucketKey, capacityOf, levelNow } from './bucket.ts'

export interface SettleBuckets {
  readonly buckets: readonly Bucket[]
  /** What comes back of what was taken; below 0 where the call has used more. */
  readonly returned: Readonly<Record<Bucket['unit'], number>>
  /** What the provider says is left. Only the buckets of its model follow it, since it is about no tenant, and only downwards. */
  readonly remaining: Readonly<Partial<Record<Bucket['unit'], number>>>
}

/*
 *   asked    the buckets, with what comes back
 *   locked   their rows, locked in the order of their keys, as in every statement
 *   moment   the time once all locks are held
 *   settled  the rows. A bucket never has more than it can hold
 */
const SETTLE = statement(
  'settle_buckets',
  `
  with asked as (
    select * from unnest(:keys::text[], :per_minutes::bigint[], :returned::double precision[], :remaining::double precision[])
      as asked (key, per_minute, returned, remaining)
  ),
  locked as (
    select key, level, at from provider_buckets where key = any (:keys::text[])
    order by key for no key update
  ),
  moment as materialized (
    select clock_timestamp() as now, held.count from (select count(*) from locked) as held
  ),
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

/** Puts what a call has really used in the place of what was taken for it. */
export async function settleBuckets(db: Db, { buckets, returned, remaining }: SettleBuckets): Promise<void> {
  const isOfModel = ({ model, tenant }: Bucket) => model !== null && tenant === null
  await db.query(
    SETTLE.with({
      keys: buckets.map(bucketKey),
      per_minutes: buckets.map(({ perMinute }) => perMinute),
      returned: buckets.map(({ unit }) => returned[unit]),
      remaining: buckets.map((bucket) => (isOfModel(bucket) ? (remaining[bucket.unit] ?? null) : null)),
      holds_ms: BUCKETS.holdsMs,
    }),
  )
}
