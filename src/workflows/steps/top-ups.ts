import { condition } from '@temporalio/workflow'
import type { BudgetChange } from '../../contracts/budget.ts'
import { changedLimits } from '../../contracts/changed-limits.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import { activity } from '../proxies.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'

interface Parts {
  readonly run: RunIdentity
  readonly plan: RunPlan
  readonly state: () => RunState
  readonly take: (occurrence: Occurrence) => void
}

export interface TopUps {
  /** Why a change can't be taken now; null where it can. */
  check(change: BudgetChange): ErrorCode | null
  /** Takes a change in, if it comes from whom it says and makes sense then; else says why not. */
  accept(change: BudgetChange): Promise<ErrorCode | null>
  /** Resolves when what was accepted is on the record, so that what its author reads next agrees. */
  settled(): Promise<ErrorCode | null>
}

/** Changes of the run's budget, on their way from a message to the state. */
export function createTopUps({ run, plan, state, take }: Parts): TopUps {
  function check(change: BudgetChange): ErrorCode | null {
    const { ending, phase, budget } = state()
    // A sub-agent has a share of its parent's, which can't grow.
    if (run.parentRunId !== undefined) return 'budget_change_invalid'
    if (ending !== null || phase === 'closed') return 'run_ended'
    return changedLimits(plan, budget.limits, change) === null ? 'budget_change_invalid' : null
  }

  return {
    check,
    async accept(change) {
      // No local one, for the reason that decisions have.
      const { admitBudgetChange } = activity('admitBudgetChange', 'who changes the budget')
      const { admitted } = await admitBudgetChange({ run, change })
      if (!admitted) return 'decision_unsigned'
      const problem = check(change)
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
