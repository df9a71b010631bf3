import type { Provider } from '../../contracts/models/model.ts'

/** A limit of requests or tokens a minute, for whom it holds. Each has a bucket in the store, which workers share. */
export interface Bucket {
  readonly provider: Provider
  /** null: all models of the provider together. */
  readonly model: string | null
  /** null: all tenants together. */
  readonly tenant: string | null
  readonly unit: 'requests' | 'tokens'
  readonly perMinute: number
}

/** The bucket's name in the store. JSON, since models' and tenants' names may have any separator in them. */
export function bucketKey({ provider, model, tenant, unit }: Bucket): string {
  return JSON.stringify([provider, model, tenant, unit])
}

/** The most that a bucket holds. Takes `per_minute` of a row called `of`, and `:holds_ms`. */
export function capacityOf(of: string): string {
  return `(${of}.per_minute * :holds_ms::double precision / 60000)`
}

/** What a bucket has at `now`: what was left, and what has come since. `stored` is its row, `of` has the limit in force. */
export function levelNow(stored: string, of: string, now = 'moment.now'): string {
  return `least(
      ${stored}.level + ${of}.per_minute * greatest(extract(epoch from ${now} - ${stored}.at)::double precision, 0) / 60,
      ${capacityOf(of)})`
}

/**
 * Two parts of a `with`: `locked`, the rows of buckets, locked in the order of their keys as in every statement, and `moment`, the time once all locks
 * are held, so that no earlier time is ever written. Takes `:keys`.
 */
export function lockBuckets(table: 'provider_buckets' | 'api_buckets'): string {
  return `locked as (
    select key, level, at from ${table} where key = any (:keys::text[])
    order by key for no key update
  ),
  moment as materialized (
    select clock_timestamp() as now, held.count from (select count(*) from locked) as held
  )`
}
