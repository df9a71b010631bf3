import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Database, Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import type { BudgetKey } from './budget-key.ts'
import { countUsage } from './count-usage.ts'

/**
 * `inserted`: the missing counters of the present day and month. Takes `:tenant`; stands after `budget`, whose rows have to be locked:
 * a budget that is deleted meanwhile would otherwise leave its counters behind. Ends with `lateral`, for a subquery `target`.
 */
const INSERT = `
  current as (
    select budget.*, date_trunc(budget.period, today.day::timestamp)::date as starts_on
    from budget
    cross join (
      select (clock_timestamp() at time zone coalesce((select time_zone from tenants where tenant = :tenant), 'UTC'))::date as day
    ) as today
  ),
  inserted as (
    insert into budget_windows (tenant, scope, subject, period, starts_on)
    select distinct current.tenant, current.scope, target.subject, current.period, current.starts_on
    from current cross join lateral`

/** The end of the same. One order for all, so that two who insert the same counters never deadlock. */
const INSERTED = `
    order by 2, 3, 4
    on conflict do nothing
    returning id
  )
  select id from inserted`

/** Opens the counters of all budgets that a run shares. */
const OPEN_FOR_RUN = unprepared(`
  with run as (
    select * from runs where tenant = :tenant and id = :run_id
  ),
  budget as (
    select budgets.* from budgets, run
    where budgets.tenant = :tenant
      and budgets.subject in ('*', case budgets.scope when 'principal' then run.principal when 'agent' then run.agent else :tenant end)
    for key share of budgets
  ),
  ${INSERT} (
      select case current.scope when 'principal' then run.principal when 'agent' then run.agent else run.tenant end as subject
      from run
    ) as target
  ${INSERTED}`)

/** Opens the counter of a budget's subject; for `*`, the counter of each subject that has used something in the period. */
const OPEN_FOR_BUDGET = unprepared(`
  with budget as (
    select * from budgets where tenant = :tenant and scope = :scope and subject = :subject and period = :period for key share
  ),
  ${INSERT} (
      select current.subject where current.subject <> '*'
      union all
      select case current.scope when 'principal' then attempt.principal else attempt.agent end
      from model_attempts as attempt
      where current.subject = '*' and attempt.tenant = :tenant and attempt.day >= current.starts_on
        and attempt.day < current.starts_on + ('1 ' || current.period)::interval
    ) as target
  ${INSERTED}`)

/**
 * Opens the missing counters of the present day and month, of all budgets that a run shares or of one budget. Counts into them what
 * was used before the budget was made. A second caller that opens the same counters waits for the first.
 *
 * @throws {AttemptsLocked}
 */
export async function openCounters(
  database: Database,
  of: Pick<RunIdentity, 'tenant' | 'runId'> | BudgetKey,
): Promise<void> {
  await database.transaction(async (tx) => {
    const opened = await insertCounters(tx, of)
    if (opened.length > 0) await countUsage(tx, of.tenant, opened)
  })
}

/** Returns the ids of the new counters. */
async function insertCounters(
  tx: Db,
  of: Pick<RunIdentity, 'tenant' | 'runId'> | BudgetKey,
): Promise<number[]> {
  const { tenant } = of
  const rows = await tx.query<{ id: number }>(
    'runId' in of
      ? OPEN_FOR_RUN.with({ tenant, run_id: of.runId })
      : OPEN_FOR_BUDGET.with({ tenant, scope: of.scope, subject: of.subject, period: of.period }),
  )
  return rows.map(({ id }) => id)
}
