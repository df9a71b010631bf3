import type { RunIdentity } from '../../contracts/run.ts'
import type { Database, Db } from '../database/database.ts'
import type { BudgetKey } from './budgets.ts'
import { countUsage } from './count-usage.ts'

/**
 * `inserted`: the counters of this day and month. After `budget`, of tenant $1; locked, so that a budget is not deleted before its
 * counters are there to be seen.
 */
const INSERT = `
  current as (
    select budget.*, date_trunc(budget.period, today.day::timestamp)::date as starts_on
    from budget
    cross join (
      select (clock_timestamp() at time zone coalesce((select time_zone from tenants where tenant = $1), 'UTC'))::date as day
    ) as today
  ),
  inserted as (
    insert into budget_windows (tenant, scope, subject, period, starts_on)
    select distinct current.tenant, current.scope, target.subject, current.period, current.starts_on
    from current cross join lateral`

const MISSING = `
    order by 2, 3, 4
    on conflict do nothing
    returning id
  )
  select id from inserted`

/** All that a run needs. */
const OPEN_FOR_RUN = `
  with run as (
    select * from runs where tenant = $1 and id = $2
  ),
  budget as (
    select budgets.* from budgets, run
    where budgets.tenant = $1
      and budgets.subject in ('*', case budgets.scope when 'principal' then run.principal when 'agent' then run.agent else $1 end)
    for key share of budgets
  ),
  ${INSERT} (
      select case current.scope when 'principal' then run.principal when 'agent' then run.agent else run.tenant end as subject
      from run
    ) as target
  ${MISSING}`

/** The one of its subject; for `*`, those of each subject that has used something of its period. */
const OPEN_FOR_BUDGET = `
  with budget as (
    select * from budgets where tenant = $1 and scope = $2 and subject = $3 and period = $4 for key share
  ),
  ${INSERT} (
      select current.subject where current.subject <> '*'
      union all
      select case current.scope when 'principal' then attempt.principal else attempt.agent end
      from model_attempts as attempt
      where current.subject = '*' and attempt.tenant = $1 and attempt.day >= current.starts_on
        and attempt.day < current.starts_on + ('1 ' || current.period)::interval
    ) as target
  ${MISSING}`

/**
 * Opens the counters of this day and month that a run's shared budgets need, or one budget's, where they are missing, with what
 * was booked before the budget was made. Whoever opens the same ones at once waits for them.
 *
 * @throws {AttemptsLocked}
 */
export async function openCounters(
  database: Database,
  of: Pick<RunIdentity, 'tenant' | 'runId'> | BudgetKey,
): Promise<void> {
  await database.transaction(async (tx) => {
    const opened = await insertWindows(tx, of)
    if (opened.length > 0) await countUsage(tx, of.tenant, opened)
  })
}

/** Their ids. In one order, so that two who do this never wait for each other crosswise. */
async function insertWindows(
  tx: Db,
  of: Pick<RunIdentity, 'tenant' | 'runId'> | BudgetKey,
): Promise<number[]> {
  const rows = await tx.query<{ id: number }>(
    'runId' in of
      ? { text: OPEN_FOR_RUN, values: [of.tenant, of.runId] }
      : { text: OPEN_FOR_BUDGET, values: [of.tenant, of.scope, of.subject, of.period] },
  )
  return rows.map(({ id }) => id)
}
