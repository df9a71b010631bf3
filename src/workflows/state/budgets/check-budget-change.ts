import type { BudgetChange } from '../../../contracts/budgets/budget.ts'
import { changedLimits } from '../../../contracts/budgets/changed-limits.ts'
import type { ErrorCode } from '../../../contracts/error-codes.ts'
import type { RunIdentity } from '../../../contracts/runs/run.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import { hasEnded, type RunState } from '../run-state.ts'

/** Why a change of the budget can't be accepted now; null where it can. */
export function checkBudgetChange(
  plan: Pick<WorkflowPlan, 'format'>,
  run: Pick<RunIdentity, 'parentRunId'>,
  state: RunState,
  change: BudgetChange,
): ErrorCode | null {
  // A sub-agent's budget is a share of its parent's, which was set aside when it began and can't grow.
  if (run.parentRunId !== undefined) return 'budget_change_invalid'
  if (hasEnded(state)) return 'run_ended'
  return changedLimits(plan, state.budget.limits, change) === null ? 'budget_change_invalid' : null
}
