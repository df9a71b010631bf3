import { admitBudgetChange } from '../../store/budgets/admit-budget-change.ts'
import { activityKey } from '../activity-key.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from '../runs/accepted-runs.ts'

/** Admits a change of a run's budget that comes from the person it names. A repeated change is admitted once. */
export function createAdmitBudgetChange({
  database,
  admits,
}: Pick<Dependencies, 'database' | 'admits'>): Held<'admitBudgetChange'>['admitBudgetChange'] {
  return async ({ run, change }) => {
    // A sub-agent's limits are a share of its parent's budget. If they were raised, the parent's budget would no longer hold.
    const admitted = run.parentRunId === undefined && admits('budget_change', run.runId, change)
    if (admitted) await admitBudgetChange(database, { run, change, changeId: change.id ?? activityKey() })
    return { admitted }
  }
}
