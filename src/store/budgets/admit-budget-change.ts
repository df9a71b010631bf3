import type { BudgetChange, BudgetLimits } from '../../contracts/budget.ts'
import { changedLimits } from '../../contracts/changed-limits.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { Database } from '../database/database.ts'
import { storableJson, storableText } from '../database/postgres-text.ts'
import { OF_TENANT } from '../record/run-change.ts'

export interface AdmitBudgetChange {
  readonly run: RunIdentity
  readonly change: BudgetChange
  /** The same id again is the same change, made once. */
  readonly changeId: string
}

/**
 * Makes a change of a run's limits hold where attempts are booked. One that makes no sense changes nothing: the workflow, which
 * knows the same limits, says so to whoever sent it.
 */
export async function admitBudgetChange(
  database: Database,
  { run, change, changeId }: AdmitBudgetChange,
): Promise<void> {
  await database.transaction(async (tx) => {
    const [row] = await tx.query<{ limits: BudgetLimits | null }>({
      name: 'lock_limits',
      text: `select allowed_limits as limits from runs where id = $1 and ${OF_TENANT} for no key update`,
      values: [run.runId, run.tenant],
    })
    // Rows that have limits here are of runs whose plan has format 3.
    const limits = row?.limits ? changedLimits({ format: 3 }, row.limits, change) : null
    if (limits === null) return
    await tx.query({
      name: 'admit_budget_change',
      text: `
        with admitted as (
          insert into admitted_budget_changes (run_id, change_id, tenant, by) values ($1, $3, $2, $4)
          on conflict do nothing
          returning run_id
        )
        update runs set allowed_limits = $5 from admitted where runs.id = admitted.run_id`,
      values: [run.runId, run.tenant, storableText(changeId), storableText(change.by), storableJson(limits)],
    })
  })
}
