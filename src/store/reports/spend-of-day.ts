import type { DaySpend, SpendBreakdown, SpendRow } from '../../contracts/reports/report.ts'
import { IS_UNPRICED } from '../budgets/usage.ts'

/*
 * Spend of a day and of the seven days before it, by agent, by model and by principal. All three are sums of the same rows, so they add up
 * to the same total.
 *
 *   used    sums over attempts, by day, agent, model and principal
 *   keyed   sums by each of the three, for the day and the days before
 *   ranked  the same in order, the most expensive first
 *   spend   a row a key, and one for all keys beyond `:most_rows`; its `key` is null
 *
 * Takes `:tenant`, `:day` and `:most_rows`.
 */
export const SPEND_OF_DAY = `
  used as materialized (
    select day, agent, provider || '/' || model as model, principal,
      coalesce(sum(cost_micro_usd), 0) as cost,
      sum(unknown_micro_usd) as unknown,
      sum(input_tokens) as input,
      sum(cached_input_tokens) as cached,
      sum(output_tokens) as output,
      count(*) filter (where status = 'ok') as answered,
      count(*) as attempts,
      count(*) filter (where status = 'open') as open,
      count(*) filter (where ${IS_UNPRICED}) as unpriced,
      sum(prompt_cache_saved_micro_usd) as prompt_saved,
      count(routing_saved_micro_usd) as routed,
      coalesce(sum(routing_saved_micro_usd), 0) as routing_saved
    from model_attempts
    where tenant = :tenant and day between :day::date - 7 and :day::date
    group by 1, 2, 3, 4
  ),
  keyed as (
    select by.name, by.key,
      ${sumOfDay('cost')}, ${sumOfDay('unknown')}, ${sumOfDay('input')}, ${sumOfDay('output')}, ${sumOfDay('answered')},
      ${sumOfDay('attempts')}, ${sumOfDay('open')}, ${sumOfDay('unpriced')},
      coalesce(sum(cost) filter (where day = :day::date - 1), 0) as day_before,
      coalesce(sum(cost) filter (where day < :day::date), 0) as week_before
    from used cross join lateral (values ('agent', agent), ('model', model), ('principal', principal)) as by (name, key)
    group by 1, 2
  ),
  ranked as (
    select *, row_number() over (
      partition by name order by cost desc, unknown desc, week_before desc, key collate "C"
    ) as place
    from keyed
  ),
  spend as (
    select name, least(place, :most_rows::integer + 1) as place, case when place <= :most_rows::integer then key end as key,
      count(*) as keys, sum(cost) as cost, sum(unknown) as unknown, sum(input) as input, sum(output) as output,
      sum(answered) as answered, sum(attempts) as attempts, sum(open) as open, sum(unpriced) as unpriced,
      sum(day_before) as day_before, sum(week_before) as week_before
    from ranked group by 1, 2, 3
  )`

function sumOfDay(name: string): string {
  return `coalesce(sum(${name}) filter (where day = :day::date), 0) as ${name}`
}

const AMOUNTS = `
    'costMicroUsd', coalesce(sum(cost), 0), 'unknownMicroUsd', coalesce(sum(unknown), 0), 'inputTokens', coalesce(sum(input), 0),
    'outputTokens', coalesce(sum(output), 0), 'modelCalls', coalesce(sum(answered), 0), 'attempts', coalesce(sum(attempts), 0),
    'openAttempts', coalesce(sum(open), 0), 'unpricedAttempts', coalesce(sum(unpriced), 0),
    'dayBeforeMicroUsd', coalesce(sum(day_before), 0), 'weekBeforeMicroUsd', coalesce(sum(week_before), 0)`

/** The day's total, as JSON. */
export const TOTAL = `(select json_build_object(${AMOUNTS}) from spend where name = 'agent')`

/** A breakdown, as JSON: {@link ListedSpend} in order. */
export function listed(by: 'agent' | 'model' | 'principal'): string {
  return `(
    select coalesce(json_agg(amounts order by place), '[]') from (
      select place, json_build_object('key', key, 'keys', max(keys), ${AMOUNTS}) as amounts
      from spend where name = '${by}' group by place, key
    ) as listed
  )`
}

/** A row of a breakdown. `key` is null for the keys that have no row of their own. */
export type ListedSpend = DaySpend & { readonly key: string | null; readonly keys: number }

export function toBreakdown(listed: readonly ListedSpend[]): SpendBreakdown {
  const rows: SpendRow[] = []
  let others: SpendBreakdown['others'] = null
  for (const { key, keys, ...spend } of listed) {
    if (key === null) others = { keys, ...spend }
    else rows.push({ key, ...spend })
  }
  return { rows, others }
}
