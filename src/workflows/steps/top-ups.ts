import { condition } from '@temporalio/workflow'
import type { BudgetChange } from '../../contracts/budget.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { activity } from '../proxies.ts'
import { checkBudgetChange } from '../state/budgets/check-budget-change.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'

interface Parts {
  readonly run: RunIdentity
  readonly plan: WorkflowPlan
  readonly state: () => RunState
  readonly take: (occurrence: Occurrence) => void
}

export interface TopUps {
  /** Takes a change in, if it comes from whom it says and makes sense then; else says why not. */
  accept(change: BudgetChange): Promise<ErrorCode | null>
  /** Resolves when what was accepted is on the record, so that what its author reads next agrees. */
  settled(): Promise<ErrorCode | null>
}

/** Changes of the run's budget, on their way from a message to the state. `accept` is for runs from before there was a queue. */
export function createTopUps({ run, plan, state, take }: Parts): TopUps {
  return {
    async accept(change) {
      // No local one, for the reason that decisions have.
      const { admitBudgetChange } = activity('admitBudgetChange', 'who changes the budget')
      const { admitted } = await admitBudgetChange({ run, change })
      if (!admitted) return 'decision_unsigned'
      const problem = checkBudgetChange(plan, run, state(), change)
      if (problem === null) take({ type: 'budget_changed', change })
      return problem
    },
    async settled() {
      const isRecorded = () => state().budget.unrecorded.length === 0 && !state().budget.recording
      await condition(() => state().phase === 'closed' || isRecorded())
      return null
    },
  }
}
