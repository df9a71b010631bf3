import type { Db } from '../database/database.ts'

export interface UsageFilter {
  readonly tenant: string
  readonly groupBy: 'agent' | 'model' | 'principal' | 'day'
  /** First and last day, `YYYY-MM-DD`, as the tenant's days were when the attempts began. */
  readonly from?: string
  readonly to?: string
}

export interface UsageRow {
  /** The agent, `provider/model` as it was asked for, the principal, or the day. */
  readonly key: string
  /** Settled, attempts of unknown price left out. */
  readonly costMicroUsd: number
  /** Worst case of attempts whose end nobody saw, or whose price nobody knows. */
  readonly unknownMicroUsd: number
  readonly inputTokens: number
  readonly cachedInputTokens: number
  readonly outputTokens: number
  /** Attempts that gave an answer. */
  readonly modelCalls: number
  readonly attempts: number
  /** Attempts that have cost something for which there is no price. */
  readonly unpricedAttempts: number
  /** Runs that have attempts in it, sub-agents counted by themselves. */
  readonly runs: number
}

const KEYS = {
  agent: 'agent',
  model: `provider || '/' || model`,
  principal: 'principal',
  day: 'day::text',
} as const satisfies Record<UsageFilter['groupBy'], string>

/** From the books of every attempt, in the order of the keys. */
export async function usageBy(db: Db, { tenant, groupBy, from, to }: UsageFilter): Promise<UsageRow[]> {
  return db.query<UsageRow>({
    text: `
      select ${KEYS[groupBy]} as key,
        coalesce(sum(cost_micro_usd), 0)::bigint as "costMicroUsd",
        sum(unknown_micro_usd)::bigint as "unknownMicroUsd",
        sum(input_tokens)::bigint as "inputTokens",
        sum(cached_input_tokens)::bigint as "cachedInputTokens",
        sum(output_tokens)::bigint as "outputTokens",
        count(*) filter (where status = 'ok') as "modelCalls",
        count(*) as attempts,
        count(*) filter (
          where cost_micro_usd is null and status <> 'open' and (status <> 'unknown' or worst_micro_usd is null)
        ) as "unpricedAttempts",
        count(distinct run_id) as runs
      from model_attempts
      where tenant = $1 and day >= coalesce($2::date, '-infinity') and day <= coalesce($3::date, 'infinity')
      group by 1 order by (${KEYS[groupBy]}) collate "C"`,
    values: [tenant, from ?? null, to ?? null],
  })
}
