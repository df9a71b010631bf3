import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import type { RunRow } from '../record/run-row.ts'
import type { BudgetKey } from './budget-key.ts'

const FIND_WAITING = unprepared(`
  select id, workflow_id as "workflowId" from runs
  where tenant = :tenant and budget_wait is not null
    and budget_wait -> 'reached' ->> 'scope' = :scope and budget_wait -> 'reached' ->> 'period' = :period
    and (:subject = '*' or :subject = case :scope when 'principal' then principal when 'agent' then agent else tenant end)
  order by created_at, id`)

/** Runs, sub-agents included, that wait for a shared budget. */
export async function findRunsWaitingForBudget(
  db: Db,
  { tenant, scope, subject, period }: BudgetKey,
): Promise<Pick<RunRow, 'id' | 'workflowId'>[]> {
  return db.query(FIND_WAITING.with({ tenant, scope, subject, period }))
}
