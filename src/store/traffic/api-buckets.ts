import { API_BUCKETS } from '../../policies/api-limits.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { capacityOf, levelNow } from './bucket.ts'

/** A limit a minute of what the API is asked for. The API processes share its bucket in the store. */
export interface ApiBucket {
  readonly key: string
  readonly tenant: string
  readonly perMinute: number
}

export interface ApiBucketUse {
  readonly bucket: ApiBucket
  /** What was let through, whether the bucket had it or not; below 0 something comes back. */
  readonly used: number
}

/*
 * A bucket without a row is full. The row that is offered for insertion is a full bucket less what was used, so for a bucket that has a row
 * `excluded.level - capacity` is what was used, below 0. Rows are locked in the order of their keys, as in every statement.
 */
const USE = statement(
  'use_api_buckets',
  `
  insert into api_buckets (key, tenant, per_minute, level)
  select key, tenant, per_minute, ${capacityOf('asked')} - used
  from unnest(:keys::text[], :tenants::text[], :per_minutes::bigint[], :used::double precision[]) as asked (key, tenant, per_minute, used)
  order by key
  on conflict (key) do update set
    level = ${levelNow('api_buckets', 'excluded', 'excluded.at')} + excluded.level - ${capacityOf('excluded')},
    per_minute = excluded.per_minute,
    at = greatest(api_buckets.at, excluded.at)
  returning key, level`,
)

const FORGET = statement(
  'forget_api_buckets',
  `delete from api_buckets where at < clock_timestamp() - make_interval(secs => :kept_for_s)`,
)

/** Takes what was used out of its buckets, each of which stands in the list once, and returns what they have then. Below 0 they owe. */
export async function useApiBuckets(
  db: Db,
  uses: readonly ApiBucketUse[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query<{ key: string; level: number }>(
    USE.with({
      keys: uses.map(({ bucket }) => bucket.key),
      tenants: uses.map(({ bucket }) => bucket.tenant),
      per_minutes: uses.map(({ bucket }) => bucket.perMinute),
      used: uses.map(({ used }) => used),
      holds_ms: API_BUCKETS.holdsMs,
    }),
  )
  return new Map(rows.map(({ key, level }) => [key, level]))
}

/** Removes the rows of buckets that were not used for so long that they are full again. */
export async function forgetApiBuckets(db: Db, keptForMs: number): Promise<void> {
  await db.query(FORGET.with({ kept_for_s: keptForMs / 1_000 }))
}
