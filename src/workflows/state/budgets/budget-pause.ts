import type { BudgetReached } from '../../../contracts/budgets/budget.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import { endRun } from '../endings.ts'
import type { RunState } from '../run-state.ts'
import { type BudgetState, withNotice } from './budget-state.ts'
import { budgetOf } from './usable-limits.ts'

/* The wait of a run for a larger budget, for calls of other runs to release a shared one, or for a kill switch to be off. */

/**
 * A run waits this long before it checks again whether calls under way have released a shared budget: about as long as a call takes.
 * Never changes: runs replay by it.
 */
export const RECHECK_HELD_AFTER_MS = 3_000

export function startPause(
  plan: WorkflowPlan,
  state: RunState,
  reached: BudgetReached,
  nowMs: number,
): RunState {
  const { pauseMs, lookAgainMs: usualMs } = budgetOf(plan)
  const lookAgainMs = reached.momentary ? Math.min(usualMs, RECHECK_HELD_AFTER_MS) : usualMs
  const before = state.budget.pause
  const resetsAtMs = reached.resetsAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(reached.resetsAt)
  const isShared = reached.scope !== 'run'
  const after: BudgetState = {
    ...state.budget,
    reached,
    pause: {
      reached,
      // A hop that was tried in vain goes on with the wait before it: otherwise no wait would ever expire.
      expiresAtMs:
        before?.expiresAtMs ?? (Number.isFinite(resetsAtMs) ? Math.max(nowMs, resetsAtMs) : nowMs) + pauseMs,
      lookAgainAtMs: isShared ? Math.max(Math.min(resetsAtMs, nowMs + lookAgainMs), nowMs + 1_000) : null,
      probing: false,
    },
  }
  const isNews = before === null || !isSameLimit(before.reached, reached)
  return { ...state, budget: isNews ? withNotice(after, 'reached') : after }
}

function isSameLimit(one: BudgetReached, other: BudgetReached): boolean {
  return one.scope === other.scope && one.limit === other.limit && one.period === other.period
}

/** The run's own budget has more room than before: a run that waits for it tries again. */
export function resumeFromOwnBudget(state: RunState): RunState {
  return state.budget.pause?.reached.scope === 'run' ? endPause(state) : state
}

/** The store has booked a hop, so the budget that the run waited for covers it. */
export function resumeAfterHop(state: RunState): RunState {
  return state.budget.pause === null ? state : endPause(state)
}

function endPause(state: RunState): RunState {
  return { ...state, budget: withNotice({ ...state.budget, pause: null }, 'resumed') }
}

/** A kill switch has been turned on or off. */
export function setKillSwitch(state: RunState, scope: 'tenant' | 'agent', on: boolean): RunState {
  const others = state.budget.switchedOff.filter((other) => other !== scope)
  const after: RunState = {
    ...state,
    budget: { ...state.budget, switchedOff: on ? [...others, scope] : others },
  }
  const waitsForSwitch = after.budget.pause?.reached.limit === 'kill_switch'
  return !on && waitsForSwitch && others.length === 0 ? probeBudget(after) : after
}

/** Tries a hop, to find out whether a shared budget has room now: only the store knows. */
export function probeBudget(state: RunState): RunState {
  const { pause, switchedOff } = state.budget
  if (state.ending !== null || pause === null || pause.reached.scope === 'run' || switchedOff.length > 0)
    return state
  if (state.phase !== 'thinking') return endPause(state)
  return { ...state, budget: { ...state.budget, pause: { ...pause, probing: true } } }
}

/** Ends the run whose wait has expired, and probes a shared budget when its time has come. */
export function advancePause(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  const { pause } = state.budget
  if (pause === null || pause.probing) return state
  if (pause.expiresAtMs <= nowMs) return endRun(state, { status: 'expired', reason: 'budget', rest: {} })
  if (pause.lookAgainAtMs === null || pause.lookAgainAtMs > nowMs) return state
  // The signal that a switch is off again may have been lost. The hop asks the store, which knows.
  const unblocked =
    state.phase === 'thinking' ? { ...state, budget: { ...state.budget, switchedOff: [] } } : state
  const probing = probeBudget(unblocked)
  if (probing !== unblocked) return probing
  const lookAgainAtMs = nowMs + budgetOf(plan).lookAgainMs
  return { ...state, budget: { ...state.budget, pause: { ...pause, lookAgainAtMs } } }
}

/** When time next changes the wait for a budget; infinity where it changes nothing. */
export function nextPauseMomentMs({ budget: { pause } }: RunState): number {
  if (pause === null || pause.probing) return Number.POSITIVE_INFINITY
  return Math.min(pause.expiresAtMs, pause.lookAgainAtMs ?? Number.POSITIVE_INFINITY)
}
