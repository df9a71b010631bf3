import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import { type Ending, nextTurn, type RunState } from './run-state.ts'

/** Decides the run's end. The first end that is decided stands. */
export function end(state: RunState, ending: Ending): RunState {
  return state.ending === null && state.phase !== 'closed' ? { ...state, ending } : state
}

export function fail(state: RunState, error: ErrorCode): RunState {
  return end(state, { status: 'failed', reason: 'internal_error', error })
}

/** Another turn, or the end where the plan allows no more. */
export function another(plan: RunPlan, state: RunState): RunState {
  if (state.step < plan.limits.maxSteps) return nextTurn(plan, state)
  return end(state, { status: 'incomplete', reason: 'max_steps' })
}
