import { API_BUCKETS } from '../../policies/api-limits.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { capacityOf, levelNow, lockBuckets } from './bucket.ts'

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
  /** What is to be let through, as far as the bucket has it. */
  readonly asked: number
}

export interface ApiBucketState {
  /** What is left. Below 0 the bucket owes. */
  readonly level: number
  /** How much of what was asked for the bucket had, and has given. */
  readonly granted: number
}

/* A bucket without a row is missing from the answer. */
const USE = statement(
  'use_api_buckets',
  `
  with wish as (
    select * from unnest(:keys::text[], :per_minutes::bigint[], :used::double precision[], :asked::integer[])
      as wish (key, per_minute, used, asked)
  ),
  ${lockBuckets('api_buckets')},
  paid as (
    select wish.key, wish.per_minute, wish.asked, moment.now, ${levelNow('locked', 'wish')} - wish.used as level
    from wish join locked using (key), moment
  ),
  granting as (select paid.*, greatest(least(asked, floor(level)), 0) as granted from paid)
  update api_buckets as bucket
  set level = granting.level - granting.granted, per_minute = granting.per_minute, at = granting.now
  from granting
  where bucket.key = granting.key
  returning bucket.key, bucket.level, granting.granted`,
)

const OPEN = statement(
  'open_api_buckets',
  `
  insert into api_buckets (key, tenant, per_minute, level)
  select key, tenant, per_minute, ${capacityOf('wish')}
  from unnest(:keys::text[], :tenants::text[], :per_minutes::bigint[]) as wish (key, tenant, per_minute)
  order by key
  on conflict (key) do nothing`,
)

const FORGET = statement(
  'forget_api_buckets',
  `delete from api_buckets where at < clock_timestamp() - make_interval(secs => :kept_for_s)`,
)

const MOST_TRIES = 10

/**
 * Takes what was used out of its buckets, and of what is asked for what they then have. A bucket that was never used is full.
 *
 * @param uses each bucket once
 * @returns what the buckets are left with, by their keys
 */
export async function useApiBuckets(
  db: Db,
  uses: readonly ApiBucketUse[],
): Promise<ReadonlyMap<string, ApiBucketState>> {
  const states = new Map<string, ApiBucketState>()
  let open = uses
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const rows = await db.query<ApiBucketState & { readonly key: string }>(
      USE.with({
        keys: open.map(({ bucket }) => bucket.key),
        per_minutes: open.map(({ bucket }) => bucket.perMinute),
        used: open.map(({ used }) => used),
        asked: open.map(({ asked }) => asked),
        holds_ms: API_BUCKETS.holdsMs,
      }),
    )
    for (const { key, level, granted } of rows) states.set(key, { level, granted })
    open = open.filter(({ bucket }) => !states.has(bucket.key))
    if (open.length === 0) return states
    await openBuckets(
      db,
      open.map(({ bucket }) => bucket),
    )
  }
  throw new Error(
    `Buckets were missing ${MOST_TRIES} times: ${open.map(({ bucket }) => bucket.key).join(', ')}`,
  )
}

async function openBuckets(db: Db, buckets: readonly ApiBucket[]): Promise<void> {
  await db.query(
    OPEN.with({
      keys: buckets.map(({ key }) => key),
      tenants: buckets.map(({ tenant }) => tenant),
      per_minutes: buckets.map(({ perMinute }) => perMinute),
      holds_ms: API_BUCKETS.holdsMs,
    }),
  )
}

/** Removes the rows of buckets that were not used for so long that they are full again. */
export async function forgetApiBuckets(db: Db, keptForMs: number): Promise<void> {
  await db.query(FORGET.with({ kept_for_s: keptForMs / 1_000 }))
}
