import type { Db } from '../database/database.ts'
import type { RunRow } from '../record/run-row.ts'
import type { BudgetKey } from './budgets.ts'

/** Runs that wait for a budget which they share, sub-agents included. */
export async function findRunsWaitingForBudget(
  db: Db,
  { tenant, scope, subject, period }: BudgetKey,
): Promise<Pick<RunRow, 'id' | 'workflowId'>[]> {
  return db.query({
    text: `
      select id, workflow_id as "workflowId" from runs
      where tenant = $1 and budget_wait is not null
        and budget_wait -> 'reached' ->> 'scope' = $2 and budget_wait -> 'reached' ->> 'period' = $4
        and ($3 = '*' or $3 = case $2 when 'principal' then principal when 'agent' then agent else tenant end)
      order by created_at, id`,
    values: [tenant, scope, subject, period],
  })
}
