import { TERMINAL_STATUSES } from '../../contracts/runs/run.ts'

const END_EVENTS = TERMINAL_STATUSES.map((status) => `'run.${status}'`).join(', ')

/** Of a time in a row: it is on the day. */
const inDay = (time: string) =>
  `${time} >= (select starts_at from bounds) and ${time} < (select ends_at from bounds)`

/** Of a tool call: it ended on the day. */
export const IN_DAY_OF_CALL = inDay('tool_calls.ended_at')

/*
 * What happened in runs on a day. Events and tool calls are found by their run, since they have no index of their own by time.
 *
 *   bounds    when the day begins and ends in the tenant's time zone
 *   active    runs that were under way at some time of the day
 *   happened  their ends and the budgets that they reached on it
 *
 * Takes `:tenant` and `:day`.
 */
export const RUNS_OF_DAY = `
  bounds as materialized (
    select zone.name as time_zone, :day::date::timestamp at time zone zone.name as starts_at,
      (:day::date + 1)::timestamp at time zone zone.name as ends_at
    from (select coalesce((select time_zone from tenants where tenant = :tenant), 'UTC') as name) as zone
  ),
  active as materialized (
    select id, agent, principal, parent_run_id from runs
    where tenant = :tenant and created_at < (select ends_at from bounds)
      and (completed_at is null or completed_at >= (select starts_at from bounds))
  ),
  happened as materialized (
    select event.type, event.data, active.*
    from active join run_events as event on event.run_id = active.id
    where event.type in (${END_EVENTS}, 'budget.reached') and ${inDay('event.at')}
  )`

/** How runs that somebody started have ended. */
export const OUTCOMES = `(
    select coalesce(json_agg(outcome order by runs desc, status, reason), '[]') from (
      select data ->> 'status' as status, data ->> 'reason' as reason, count(*) as runs
      from happened where type <> 'budget.reached' and parent_run_id is null
      group by 1, 2
    ) as outcome
  )`

/** Which budgets were reached, the most frequent first. */
export const BUDGETS_REACHED = `(
    select coalesce(json_agg(reached), '[]') from (
      select data ->> 'scope' as scope,
        case data ->> 'scope' when 'principal' then principal when 'tenant' then :tenant else agent end as subject,
        data ->> 'limit' as limit, data ->> 'period' as period, count(*) as times, count(distinct id) as runs
      from happened where type = 'budget.reached'
      group by 1, 2, 3, 4
      order by times desc, 1, 2, 3, 4 limit :most_budgets
    ) as reached
  )`

/** The runs that cost most on the day, each with its sub-agents' runs. */
export const MOST_EXPENSIVE_RUNS = `(
    select coalesce(json_agg(expensive order by "costMicroUsd" desc, "unknownMicroUsd" desc, "runId"), '[]') from (
      select spent.id as "runId", started.agent, started.principal, spent.cost as "costMicroUsd", spent.unknown as "unknownMicroUsd",
        spent.attempts
      from (
        select coalesce(runs.parent_run_id, runs.id) as id, coalesce(sum(of_run.cost), 0) as cost, sum(of_run.unknown) as unknown,
          sum(of_run.attempts) as attempts
        from (
          select run_id, sum(cost_micro_usd) as cost, sum(unknown_micro_usd) as unknown, count(*) as attempts
          from model_attempts where tenant = :tenant and day = :day::date group by run_id
        ) as of_run
        join runs on runs.id = of_run.run_id
        group by 1
        having coalesce(sum(of_run.cost), 0) + sum(of_run.unknown) > 0
        order by cost desc, unknown desc, 1 limit :most_runs
      ) as spent
      join runs as started on started.id = spent.id
    ) as expensive
  )`
