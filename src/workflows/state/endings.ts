import type { ErrorCode } from '../../contracts/error-codes.ts'
import { RESUMABLE_REASONS } from '../../contracts/run.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { budgetedSteps, plannedSteps } from './budgets/usable-limits.ts'
import { type Ending, nextTurn, type RunState } from './run-state.ts'

/** Decides the run's end. The first end that is decided stands. */
export function end(state: RunState, ending: Ending): RunState {
  return state.ending === null && state.phase !== 'closed' ? { ...state, ending } : state
}

/** An end after which the run can be resumed. */
export function isResumable({ status, reason }: Ending): boolean {
  return status === 'incomplete' && RESUMABLE_REASONS.some((one) => one === reason)
}

export function fail(state: RunState, error: ErrorCode): RunState {
  return end(state, { status: 'failed', reason: 'internal_error', error })
}

/**
 * Another turn, or the end where the plan allows no more. A limit of steps in the run's budget counts in place of the plan's: what
 * happens there is the budget's to say.
 */
export function another(plan: WorkflowPlan, state: RunState): RunState {
  const isBudgeted = budgetedSteps(plan, state) !== undefined
  if (isBudgeted || state.step < plannedSteps(plan, state)) return nextTurn(plan, state)
  return end(state, { status: 'incomplete', reason: 'max_steps', rest: {} })
}
