import type { RunIdentity } from '../../contracts/runs/run.ts'
import { CACHE_LEASES } from '../../policies/models/answer-cache.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { OF_TENANT } from '../record/change-run.ts'
import { ANSWER_COLUMNS, type CachedAnswer } from './cached-answer.ts'

/** What an entry belongs to: it can be removed by each of these. */
export interface CacheOwner {
  readonly tenant: string
  readonly agent: string
  readonly promptVersion: string
}

export interface LookUpAnswer {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  readonly provider: string
  readonly model: string
  readonly owner: CacheOwner
  readonly key: string
  /** Greatest age, in milliseconds, of an answer to the same request, and of one to a similar one. */
  readonly exactMs: number
  readonly similarMs: number
  /** The activity that looks up: it keeps its lead when it is tried again. */
  readonly holder: string
}

export type LookedUp =
  | { readonly standing: 'hit'; readonly cached: CachedAnswer; readonly waitedMs: number | null }
  /** The caller asks for all; it has to keep, decline or leave. */
  | { readonly standing: 'leads' }
  /** Another run asks the same now. */
  | { readonly standing: 'waits' }
  /** The caller asks for itself: nobody may be given the answer, or it has waited long enough. */
  | { readonly standing: 'alone' }

/*
 *   run        the run
 *   entry      the answer, where there is one that is young enough
 *   before     what an earlier attempt of this call has noted
 *   declined   an answer to this request could not be kept, a moment ago
 *   alone      one row where the call waits for nobody
 *   lead       the lease, where this call gets it: nobody has it, its holder is gone, or it was this activity's already
 *   noted      what the call does now, unless an earlier attempt has noted that it asks
 *
 * Two calls that look up at once both see no lease, but only one inserts it: the other one waits.
 */
const LOOK_UP = statement(
  'look_up_answer',
  `
  with run as (
    select id, tenant, agent, principal, (now() at time zone coalesce(
      (select time_zone from tenants where tenants.tenant = runs.tenant), 'UTC'))::date as day
    from runs where id = :run_id and ${OF_TENANT}
  ),
  entry as (
    select id, coalesce(via, 'exact') as hit, ${ANSWER_COLUMNS} from cache_entries
    where key = :key and tenant = :tenant
      and created_at > clock_timestamp()
        - case when via is null then :exact_ms::bigint else :similar_ms::bigint end * interval '1 millisecond'
  ),
  before as (
    select outcome = 'waits' as waits, extract(epoch from clock_timestamp() - began_at) * 1000 as since_ms
    from cache_look_ups where run_id = :run_id and step = :step and hop = :hop
  ),
  declined as (
    select from cache_leases where key = :key and state = 'declined' and expires_at > clock_timestamp()
  ),
  alone as (
    select from run where not exists (select from entry)
      and (exists (select from declined) or exists (select from before where waits and since_ms > :most_wait_ms::bigint))
  ),
  lead as (
    insert into cache_leases (key, tenant, agent, prompt_version, holder, expires_at)
    select :key, :tenant, :agent, :prompt_version, :holder, clock_timestamp() + :lease_ms::bigint * interval '1 millisecond'
    from run where not exists (select from entry) and not exists (select from alone)
    on conflict (key) do update
      set holder = excluded.holder, state = 'asking', expires_at = excluded.expires_at
      where cache_leases.expires_at <= clock_timestamp()
        or cache_leases.state = 'asking' and cache_leases.holder = excluded.holder
    returning key
  ),
  noted as (
    insert into cache_look_ups (run_id, step, hop, tenant, agent, run_agent, principal, provider, model, day, outcome)
    select run.id, :step, :hop, run.tenant, :agent, run.agent, run.principal, :provider, :model, run.day,
      case when exists (select from lead) or exists (select from alone) then 'miss' else 'waits' end
    from run where not exists (select from entry)
    on conflict (run_id, step, hop) do update set outcome = excluded.outcome where cache_look_ups.outcome = 'waits'
  )
  select entry.*, (select since_ms::bigint from before where waits) as "waitedMs",
    exists (select from lead) as leads, exists (select from alone) as alone
  from run left join entry on true`,
)

type Row = { readonly [K in keyof CachedAnswer]: CachedAnswer[K] | null } & {
  readonly waitedMs: number | null
  readonly leads: boolean
  readonly alone: boolean
}

/**
 * Finds the answer to a request. Where there is none the call leads, waits or asks alone, and that is on record in `cache_look_ups`;
 * a hit is recorded with the answer that it gives.
 */
export async function lookUpAnswer(db: Db, call: LookUpAnswer): Promise<LookedUp> {
  const { run, owner } = call
  const [row] = await db.query<Row>(
    LOOK_UP.with({
      run_id: run.runId,
      tenant: run.tenant,
      step: call.step,
      hop: call.hop,
      provider: call.provider,
      model: call.model,
      agent: owner.agent,
      prompt_version: owner.promptVersion,
      key: call.key,
      exact_ms: call.exactMs,
      similar_ms: call.similarMs,
      holder: call.holder,
      lease_ms: CACHE_LEASES.leaseMs,
      most_wait_ms: CACHE_LEASES.mostWaitMs,
    }),
  )
  if (row === undefined) return { standing: 'alone' }
  const { waitedMs, leads, alone, ...entry } = row
  if (entry.id !== null) return { standing: 'hit', cached: entry as CachedAnswer, waitedMs }
  return { standing: leads ? 'leads' : alone ? 'alone' : 'waits' }
}
