import { BUCKETS } from '../../policies/models/provider-limits.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { type Bucket, capacityOf, levelNow } from './bucket.ts'

/** A bucket as it is now. */
export interface BucketState extends Bucket {
  /** Below 0 it owes. */
  readonly level: number
  readonly capacity: number
}

const LIST = statement(
  'list_buckets',
  `
  select provider, model, tenant, unit, per_minute as "perMinute", ${levelNow('bucket', 'bucket')} as level,
    ${capacityOf('bucket')} as capacity
  from provider_buckets as bucket, (select clock_timestamp() as now) as moment
  where bucket.tenant is null or bucket.tenant = :tenant
  order by provider, model nulls first, tenant nulls first, unit`,
)

const FORGET = statement(
  'forget_full_buckets',
  `
  with forgotten as (
    delete from provider_buckets where at < clock_timestamp() - make_interval(secs => :kept_for_s) returning 1
  )
  select count(*)::integer as forgotten from forgotten`,
)

/** The buckets that all tenants share, and those of this tenant. Only what calls were made against lately. */
export async function listBuckets(db: Db, tenant: string): Promise<BucketState[]> {
  return db.query<BucketState>(LIST.with({ tenant, holds_ms: BUCKETS.holdsMs }))
}

/** Removes the rows of buckets that were not used for long, such as those of tenants that are gone. A bucket without a row is full. */
export async function forgetFullBuckets(db: Db): Promise<number> {
  const [row] = await db.query<{ forgotten: number }>(FORGET.with({ kept_for_s: BUCKETS.keptForMs / 1_000 }))
  return row?.forgotten ?? 0
}
