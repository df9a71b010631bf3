import type { ErrorCode } from '../../contracts/error-codes.ts'
import { RESUMABLE_REASONS } from '../../contracts/runs/run.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { budgetedSteps, plannedSteps } from './budgets/usable-limits.ts'
import { type Ending, nextTurn, type RunState } from './run-state.ts'

/** Decides the run's end. The first end that is decided stands. */
export function endRun(state: RunState, ending: Ending): RunState {
  return state.ending === null && state.phase !== 'closed' ? { ...state, ending } : state
}

/** An end after which the run can be resumed. */
export function isResumable({ status, reason }: Ending): boolean {
  return status === 'incomplete' && RESUMABLE_REASONS.some((one) => one === reason)
}

export function failInternally(state: RunState, error: ErrorCode): RunState {
  return endRun(state, { status: 'failed', reason: 'internal_error', error })
}

/**
 * Begins another turn, or ends the run where its plan allows no more. Where the run's budget limits steps, that limit counts in place
 * of the plan's, and `onReached` decides what happens there.
 */
export function nextTurnOrEnd(plan: WorkflowPlan, state: RunState): RunState {
  if (mayTakeTurn(plan, state)) return nextTurn(plan, state)
  return endRun(state, { status: 'incomplete', reason: 'max_steps', rest: {} })
}

/** Whether the plan's own limit of steps leaves another turn. A limit of the budget is held when the turn is about to ask a model. */
export function mayTakeTurn(plan: WorkflowPlan, state: RunState): boolean {
  return budgetedSteps(plan, state) !== undefined || state.step < plannedSteps(plan, state)
}
