import type { BudgetChange, BudgetLimits } from '../../contracts/budgets/budget.ts'
import { changedLimits } from '../../contracts/budgets/changed-limits.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Database } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { OF_TENANT } from '../record/change-run.ts'

export interface AdmitBudgetChange {
  readonly run: RunIdentity
  readonly change: BudgetChange
  /** A change whose id was admitted before is admitted once. */
  readonly changeId: string
}

const LOCK_LIMITS = statement(
  'lock_limits',
  `select allowed_limits as limits from runs where id = :run_id and ${OF_TENANT} for no key update`,
)

const ADMIT = statement(
  'admit_budget_change',
  `
  with admitted as (
    insert into admitted_budget_changes (run_id, change_id, tenant, by) values (:run_id, :change_id, :tenant, :by)
    on conflict do nothing
    returning run_id
  )
  update runs set allowed_limits = :limits from admitted where runs.id = admitted.run_id`,
)

/**
 * Changes the limits that attempts of a run are held to. An invalid change does nothing here: the workflow, which knows the same
 * limits, refuses it to its sender.
 */
export async function admitBudgetChange(
  database: Database,
  { run, change, changeId }: AdmitBudgetChange,
): Promise<void> {
  await database.transaction(async (tx) => {
    const key = { run_id: run.runId, tenant: run.tenant }
    const [row] = await tx.query<{ limits: BudgetLimits | null }>(LOCK_LIMITS.with(key))
    // Only runs whose plan has format 3 have limits in their row.
    const limits = row?.limits ? changedLimits({ format: 3 }, row.limits, change) : null
    if (limits === null) return
    const by = storableText(change.by)
    const change_id = storableText(changeId)
    await tx.query(ADMIT.with({ ...key, change_id, by, limits: storableJson(limits) }))
  })
}
