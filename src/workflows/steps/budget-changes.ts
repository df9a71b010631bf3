import { condition } from '@temporalio/workflow'
import type { BudgetChange } from '../../contracts/budgets/budget.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { activity } from '../proxies.ts'
import { checkBudgetChange } from '../state/budgets/check-budget-change.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'

interface Parts {
  readonly run: RunIdentity
  readonly plan: WorkflowPlan
  readonly state: () => RunState
  readonly report: (occurrence: Occurrence) => void
}

export interface BudgetChanges {
  /** Accepts a change whose author is verified and which fits the limits as they then stand; else resolves to why it is refused. */
  accept(change: BudgetChange): Promise<ErrorCode | null>
  /** Resolves when all accepted changes are on the record, so that their authors read them there. */
  whenRecorded(): Promise<ErrorCode | null>
}

/** Changes of the run's budget, from the message to the state. `accept` is for runs of before there was a queue. */
export function createBudgetChanges({ run, plan, state, report }: Parts): BudgetChanges {
  return {
    async accept(change) {
      // No local activity: replay may see overlapping ones end in another order, and the order of changes matters.
      const { admitBudgetChange } = activity('admitBudgetChange', 'who changes the budget')
      const { admitted } = await admitBudgetChange({ run, change })
      if (!admitted) return 'decision_unsigned'
      const problem = checkBudgetChange(plan, run, state(), change)
      if (problem === null) report({ type: 'budget_changed', change })
      return problem
    },
    async whenRecorded() {
      const isRecorded = () => state().budget.unrecorded.length === 0 && !state().budget.recording
      await condition(() => state().phase === 'closed' || isRecorded())
      return null
    },
  }
}
