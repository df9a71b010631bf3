import type { Db } from '../database/database.ts'
import { type NamedStatement, unprepared } from '../database/statement.ts'

export interface UsageFilter {
  readonly tenant: string
  readonly groupBy: 'agent' | 'model' | 'principal' | 'day'
  /** First and last day, `YYYY-MM-DD`, in the tenant's time zone when the attempts began. */
  readonly from?: string
  readonly to?: string
}

export interface UsageRow {
  /** The agent, `provider/model` as it was asked for, the principal, or the day. */
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
  /** Runs that made these attempts; a sub-agent's run is one of its own. */
  readonly runs: number
}

type Group = UsageFilter['groupBy']

const KEYS = {
  agent: 'agent',
  model: `provider || '/' || model`,
  principal: 'principal',
  day: 'day::text',
} as const satisfies Record<Group, string>

const USAGE_BY = Object.fromEntries(
  Object.entries(KEYS).map(([group, key]) => [
    group,
    unprepared(`
      select ${key} as key,
        coalesce(sum(cost_micro_usd), 0)::bigint as "costMicroUsd",
        sum(unknown_micro_usd)::bigint as "unknownMicroUsd",
        sum(input_tokens)::bigint as "inputTokens",
        sum(cached_input_tokens)::bigint as "cachedInputTokens",
        sum(cache_write_tokens)::bigint as "cacheWriteTokens",
        sum(prompt_cache_saved_micro_usd)::bigint as "promptCacheSavedMicroUsd",
        sum(output_tokens)::bigint as "outputTokens",
        count(*) filter (where status = 'ok') as "modelCalls",
        count(*) as attempts,
        count(*) filter (
          where cost_micro_usd is null and status <> 'open' and (status <> 'unknown' or worst_micro_usd is null)
        ) as "unpricedAttempts",
        count(distinct run_id) as runs
      from model_attempts
      where tenant = :tenant and day >= coalesce(:from::date, '-infinity') and day <= coalesce(:to::date, 'infinity')
      group by 1 order by (${key}) collate "C"`),
  ]),
) as Record<Group, NamedStatement>

/** A tenant's usage, added up from every attempt, in the order of the keys. */
export async function usageBy(db: Db, { tenant, groupBy, from, to }: UsageFilter): Promise<UsageRow[]> {
  return db.query<UsageRow>(USAGE_BY[groupBy].with({ tenant, from: from ?? null, to: to ?? null }))
}
