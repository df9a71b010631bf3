import { termsOf } from '../../contracts/runs/read-plan.ts'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { nextApprovalMomentMs } from './approvals/approval-state.ts'
import { nextPauseMomentMs } from './budgets/budget-pause.ts'
import { isResumable } from './endings.ts'
import { nextModelMomentMs } from './models/model-wait.ts'
import type { Occurrence } from './occurrence.ts'
import { countsAllTime, LONGEST_TRY_MS, ownTimeMs } from './own-time.ts'
import { hasEnded, isWaiting, type RunState } from './run-state.ts'

/** An alarm that comes later than this fell into a time without any worker. */
const LATE_MS = 10_000

/**
 * Counts the run's own time up to an occurrence. Time in which no worker was there to act on the deadline does not count; and an
 * alarm alone counts none, since no try of an activity begins or ends with it.
 */
export function passTime(plan: WorkflowPlan, state: RunState, { type }: Occurrence, nowMs: number): RunState {
  const { spentMs, runningSinceMs } = state.clock
  if (countsAllTime(plan) || runningSinceMs === null) return state
  const deadline = deadlineAtMs(plan, state)
  const isLate = deadline !== null && nowMs > deadline + LATE_MS
  if (type === 'alarm' && !isLate) return state
  const clock = { spentMs: isLate ? spentMs : ownTimeMs(plan, state, nowMs), runningSinceMs: nowMs }
  return { ...state, clock }
}

/** Stops or starts the run's clock, as the state now requires. */
export function adjustClock(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  const { spentMs, runningSinceMs } = state.clock
  const { models, ending, phase } = state
  const waitsForModels = models.wait !== null && ending === null
  // The kept state of a run that can be resumed has the time that the run has taken up to its end.
  const endIsKept = phase === 'closed' || (ending !== null && isResumable(ending))
  const stands = isWaiting(state) || waitsForModels || endIsKept
  if (stands && runningSinceMs !== null) {
    return { ...state, clock: { spentMs: ownTimeMs(plan, state, nowMs), runningSinceMs: null } }
  }
  if (!stands && runningSinceMs === null) return { ...state, clock: { spentMs, runningSinceMs: nowMs } }
  return state
}

/** When the run's own time is up; null while its clock stands, when its end is decided, and while the next try can't reach it. */
export function deadlineAtMs(plan: WorkflowPlan, state: RunState): number | null {
  const { spentMs, runningSinceMs } = state.clock
  if (state.ending !== null || runningSinceMs === null) return null
  const leftMs = plan.limits.deadlineMs - spentMs
  if (!countsAllTime(plan) && leftMs > LONGEST_TRY_MS) return null
  return runningSinceMs + leftMs
}

/** The next moment at which time itself changes the state: a deadline, an approval's escalation, a retry; null where there is none. */
export function nextAlarm(plan: WorkflowPlan, state: RunState): number | null {
  if (hasEnded(state)) return null
  let next = Math.min(
    deadlineAtMs(plan, state) ?? Number.POSITIVE_INFINITY,
    nextPauseMomentMs(state),
    nextModelMomentMs(state),
  )
  for (const { stage, approval, terms } of state.calls) {
    if (stage !== 'waiting' || approval === null) continue
    next = Math.min(next, nextApprovalMomentMs(termsOf(plan, terms), approval))
  }
  return Number.isFinite(next) ? next : null
}
