import type { RunIdentity } from '../../contracts/runs/run.ts'
import { BUCKETS, ESTIMATED_BYTES_A_TOKEN } from '../../policies/models/provider-limits.ts'
import type { Db, Statement } from '../database/database.ts'
import { type NamedStatement, statement, type Values } from '../database/statement.ts'
import { EARLIER_SHOWN, FIRST_PLACE, INHERITED_WINDOW, isInThread, threadValues } from '../record/turns.ts'
import { type Bucket, bucketKey, capacityOf, levelNow, lockBuckets } from './bucket.ts'

export interface TakeFromBuckets {
  readonly run: RunIdentity
  /** The run's current agent. */
  readonly agent: string
  readonly buckets: readonly Bucket[]
  /** Tokens of the request besides the messages, counted as bytes. */
  readonly fixedTokens: number
  readonly maxOutputTokens: number
  /** The call has waited so long that its buckets may owe a part of it. */
  readonly mayOwe: boolean
}

/** Nothing was taken. */
export interface BucketsLacking {
  /** The bucket that needs longest. */
  readonly lacking: Bucket
  /** How long until it has enough. */
  readonly waitMs: number
  /** How long it takes to fill by what such a call takes. */
  readonly worthMs: number
}

/** `tokens`: what was taken of each bucket of tokens. */
export type BucketsTaken = { readonly tokens: number } | BucketsLacking

/*
 *   asked     the buckets with their limits, in the order of the list
 *   locked    their rows, see `lockBuckets`
 *   estimate  the request's tokens: as the provider last counted the conversation, and a share of the bytes that came since
 *   wanted    what each bucket has, and what is to be taken of it
 *   verdict   whether all of them have enough
 *   taken     the rows, less what was taken
 *
 * A call that wants more than a bucket can hold goes when the bucket is full, which then owes the rest. A bucket without a row is missing
 * from the answer.
 */
const TAKE = taking(
  'take_from_buckets',
  'select message from messages where run_id = run.id and (run.context_tokens is null or seq > run.context_seq)',
)

/** In a thread the first request of a run has the messages of earlier turns as well, as far as their window shows them. */
const TAKE_IN_THREAD = taking(
  'take_from_buckets_in_thread',
  `
      select message from messages where run_id = run.id and (run.context_tokens is null or seq > run.context_seq)
      union all
      select message from (
        select coalesce(max(from_seq), ${FIRST_PLACE}) as from_seq, coalesce(max(kept), '{}') as kept from (${INHERITED_WINDOW}) as inherited
      ) as window_of, lateral (${EARLIER_SHOWN}) as earlier
      where run.context_tokens is null or place > run.context_seq`,
)

function taking(name: string, sent: string): NamedStatement {
  return statement(
    name,
    `
  with asked as (
    select * from unnest(:keys::text[], :units::text[], :per_minutes::bigint[])
      with ordinality as asked (key, unit, per_minute, place)
  ),
  ${lockBuckets('provider_buckets')},
  estimate as (
    select ceil(
      coalesce(max(run.context_tokens), :fixed_tokens::bigint / :bytes_a_token::double precision)
        + coalesce(sum(octet_length(message::text)), 0) / :bytes_a_token::double precision + :max_output_tokens::bigint
    ) as tokens
    from runs as run
    left join lateral (${sent}) as sent on true
    where run.id = :run_id and 'tokens' = any (:units::text[])
  ),
  wanted as (
    select asked.*, estimate.tokens, ${levelNow('locked', 'asked')} as level, ${capacityOf('asked')} as capacity,
      case asked.unit when 'tokens' then estimate.tokens else 1 end as amount
    from asked join locked using (key), moment, estimate
  ),
  verdict as (
    select count(*) = :buckets::integer
      and bool_and(wanted.level >= least(wanted.amount, wanted.capacity) or (:may_owe and wanted.level > 0)) as goes
    from wanted
  ),
  taken as (
    update provider_buckets as bucket
    set level = wanted.level - wanted.amount, at = moment.now, per_minute = wanted.per_minute
    from wanted, verdict, moment
    where bucket.key = wanted.key and verdict.goes
  )
  select wanted.place::integer as place, wanted.tokens, verdict.goes,
    ceil(greatest(
      case when :may_owe then 0 else least(wanted.amount, wanted.capacity) end - wanted.level, 0
    ) / wanted.per_minute * 60000) as "waitMs", wanted.amount / wanted.per_minute * 60000 as "worthMs"
  from wanted, verdict
  order by "waitMs" desc, place`,
  )
}

const OPEN = statement(
  'open_buckets',
  `
  insert into provider_buckets (key, provider, model, tenant, unit, per_minute, level)
  select key, provider, model, tenant, unit, per_minute, ${capacityOf('asked')}
  from unnest(:keys::text[], :providers::text[], :models::text[], :tenants::text[], :units::text[], :per_minutes::bigint[])
    as asked (key, provider, model, tenant, unit, per_minute)
  order by key
  on conflict (key) do nothing`,
)

interface Row {
  readonly place: number
  readonly tokens: number
  readonly goes: boolean
  readonly waitMs: number
  readonly worthMs: number
}

const MOST_TRIES = 10

/**
 * Takes a request and its tokens, the estimated input and the output cap, out of all buckets, or nothing out of any. The caller settles it
 * with what the call has really used.
 *
 * A caller that dies leaves nothing to give back: what it took counts as used, and the buckets fill on.
 */
export async function takeFromBuckets(db: Db, take: TakeFromBuckets): Promise<BucketsTaken> {
  const { run, buckets } = take
  const keys = buckets.map(bucketKey)
  const values = {
    run_id: run.runId,
    keys,
    units: buckets.map(({ unit }) => unit),
    per_minutes: buckets.map(({ perMinute }) => perMinute),
    buckets: buckets.length,
    fixed_tokens: take.fixedTokens,
    max_output_tokens: take.maxOutputTokens,
    may_owe: take.mayOwe,
    bytes_a_token: ESTIMATED_BYTES_A_TOKEN,
    holds_ms: BUCKETS.holdsMs,
  }
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const rows = await db.query<Row>(takingOf(take, values))
    const [longest] = rows
    if (longest !== undefined && rows.length === buckets.length) return toTaken(longest, buckets)
    await openBuckets(db, buckets)
  }
  throw new Error(`Buckets were missing ${MOST_TRIES} times: ${keys.join(', ')}`)
}

function takingOf({ run, agent }: TakeFromBuckets, values: Values): Statement {
  return isInThread(run) ? TAKE_IN_THREAD.with({ ...values, ...threadValues(run), agent }) : TAKE.with(values)
}

async function openBuckets(db: Db, buckets: readonly Bucket[]): Promise<void> {
  await db.query(
    OPEN.with({
      keys: buckets.map(bucketKey),
      providers: buckets.map(({ provider }) => provider),
      models: buckets.map(({ model }) => model),
      tenants: buckets.map(({ tenant }) => tenant),
      units: buckets.map(({ unit }) => unit),
      per_minutes: buckets.map(({ perMinute }) => perMinute),
      holds_ms: BUCKETS.holdsMs,
    }),
  )
}

function toTaken({ goes, tokens, waitMs, worthMs, place }: Row, buckets: readonly Bucket[]): BucketsTaken {
  const lacking = buckets[place - 1]
  return goes || lacking === undefined ? { tokens } : { waitMs, worthMs, lacking }
}
