import type { Db } from '../database/database.ts'
import { type NamedStatement, unprepared } from '../database/statement.ts'

export interface UsageFilter {
  readonly tenant: string
  readonly groupBy: 'agent' | 'model' | 'principal' | 'day' | 'thread'
  /** First and last day, `YYYY-MM-DD`, in the tenant's time zone when the attempts began. */
  readonly from?: string
  readonly to?: string
  /** Rows after this key. */
  readonly after?: string
  /** All where it is not given. */
  readonly limit?: number
}

export interface UsageRow {
  /** The agent, `provider/model` as it was asked for, the principal, the day or the thread; empty for runs without a thread. */
  readonly key: string
  /** Settled cost, without attempts whose price is not known. */
  readonly costMicroUsd: number
  /** Worst case of attempts whose end or price is not known. */
  readonly unknownMicroUsd: number
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly cacheWriteTokens: number
  /** What providers' prompt caches have saved; may be below 0. */
  readonly promptCacheSavedMicroUsd: number
  readonly outputTokens: number
  /** Attempts that gave an answer. */
  readonly modelCalls: number
  readonly attempts: number
  /** Attempts whose price is not known. */
  readonly unpricedAttempts: number
  /** Attempts whose tokens are an estimate. */
  readonly estimatedAttempts: number
  /** Runs that made these attempts; a sub-agent's run is one of its own. */
  readonly runs: number
  /** Calls that an answer cache has answered without an attempt, and those that it could not. */
  readonly cacheHits: number
  readonly cacheMisses: number
  /** What those answers had cost when they were made. */
  readonly savedMicroUsd: number
  readonly savedInputTokens: number
  readonly savedOutputTokens: number
}

type Group = UsageFilter['groupBy']

const KEYS = {
  agent: 'agent',
  model: `provider || '/' || model`,
  principal: 'principal',
  day: 'day::text',
  // A sub-agent's run is in no thread itself: it works for a run that may be.
  thread: `coalesce((
    select coalesce(run.thread_id, parent.thread_id)
    from runs as run left join runs as parent on parent.id = run.parent_run_id where run.id = entry.run_id
  ), '')`,
} as const satisfies Record<Group, string>

/** Of a row of `model_attempts`: its price is not known. */
export const IS_UNPRICED = `(
  cost_micro_usd is null and status <> 'open' and (status <> 'unknown' or worst_micro_usd is null)
)`

const OF_DAYS = `
  tenant = :tenant and day >= coalesce(:from::date, '-infinity') and day <= coalesce(:to::date, 'infinity')`

/*
 *   tried      sums over attempts
 *   looked_up  sums over look-ups in answer caches; their `agent` is the one that the run was started with, as that of attempts is
 */
const USAGE_BY = Object.fromEntries(
  Object.entries(KEYS).map(([group, key]) => [
    group,
    unprepared(`
      with tried as (
        select ${key} as key,
          coalesce(sum(cost_micro_usd), 0)::bigint as cost,
          sum(unknown_micro_usd)::bigint as unknown,
          sum(input_tokens)::bigint as input,
          sum(cached_input_tokens)::bigint as cached,
          sum(cache_write_tokens)::bigint as written,
          sum(prompt_cache_saved_micro_usd)::bigint as prompt_saved,
          sum(output_tokens)::bigint as output,
          count(*) filter (where status = 'ok') as answered,
          count(*) as attempts,
          count(*) filter (where ${IS_UNPRICED}) as unpriced,
          count(*) filter (where usage_estimated) as estimated,
          count(distinct run_id) as runs
        from model_attempts as entry where ${OF_DAYS} group by 1
      ),
      looked_up as (
        select ${key} as key,
          count(*) filter (where outcome in ('exact', 'semantic', 'lexical')) as hits,
          count(*) filter (where outcome = 'miss') as misses,
          sum(saved_micro_usd)::bigint as cost, sum(saved_input_tokens)::bigint as input, sum(saved_output_tokens)::bigint as output
        from (
          select run_id, tenant, day, run_agent as agent, provider, model, principal, outcome, saved_micro_usd, saved_input_tokens,
            saved_output_tokens
          from cache_look_ups
        ) as entry
        where ${OF_DAYS} group by 1
      )
      select key, coalesce(tried.cost, 0) as "costMicroUsd", coalesce(tried.unknown, 0) as "unknownMicroUsd",
        coalesce(tried.input, 0) as "inputTokens", coalesce(tried.cached, 0) as "cachedInputTokens",
        coalesce(tried.written, 0) as "cacheWriteTokens", coalesce(tried.prompt_saved, 0) as "promptCacheSavedMicroUsd",
        coalesce(tried.output, 0) as "outputTokens", coalesce(tried.answered, 0) as "modelCalls",
        coalesce(tried.attempts, 0) as attempts, coalesce(tried.unpriced, 0) as "unpricedAttempts",
        coalesce(tried.estimated, 0) as "estimatedAttempts", coalesce(tried.runs, 0) as runs,
        coalesce(looked_up.hits, 0) as "cacheHits", coalesce(looked_up.misses, 0) as "cacheMisses",
        coalesce(looked_up.cost, 0) as "savedMicroUsd", coalesce(looked_up.input, 0) as "savedInputTokens",
        coalesce(looked_up.output, 0) as "savedOutputTokens"
      from tried full join looked_up using (key)
      where :after::text is null or key collate "C" > :after
      order by key collate "C" limit :limit`),
  ]),
) as Record<Group, NamedStatement>

/** A tenant's usage, added up from every attempt and every look-up in a cache, in the order of the keys. */
export async function usageBy(
  db: Db,
  { tenant, groupBy, from, to, after, limit }: UsageFilter,
): Promise<UsageRow[]> {
  const days = { from: from ?? null, to: to ?? null }
  return db.query<UsageRow>(
    USAGE_BY[groupBy].with({ tenant, ...days, after: after ?? null, limit: limit ?? null }),
  )
}
