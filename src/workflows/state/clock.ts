import { termsOf } from '../../contracts/read-plan.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { nextMomentMs } from './approvals/approval-state.ts'
import { nextPauseMomentMs } from './budgets/budget.ts'
import { isResumable } from './endings.ts'
import { nextModelMomentMs } from './models/model-wait.ts'
import type { Occurrence } from './occurrence.ts'
import { countsAll, LONGEST_TRY_MS, ownTimeMs } from './own-time.ts'
import { hasEnded, isWaiting, type RunState } from './run-state.ts'

/** An alarm that is later than this rang while no worker was there to hear it. */
const LATE_MS = 10_000

/** Counts the time up to an occurrence. An alarm is nothing that happens to the run: no try begins with it. */
export function passTime(plan: WorkflowPlan, state: RunState, { type }: Occurrence, nowMs: number): RunState {
  const { spentMs, runningSinceMs } = state.clock
  if (countsAll(plan) || runningSinceMs === null) return state
  const deadline = deadlineAtMs(plan, state)
  const isUnheard = deadline !== null && nowMs > deadline + LATE_MS
  if (type === 'alarm' && !isUnheard) return state
  const clock = { spentMs: isUnheard ? spentMs : ownTimeMs(plan, state, nowMs), runningSinceMs: nowMs }
  return { ...state, clock }
}

/** Lets the run's clock run or stand, as the state now asks. */
export function adjustClock(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  const { spentMs, runningSinceMs } = state.clock
  const { models, ending, phase } = state
  const waitsForModels = models.wait !== null && ending === null
  // With such an end the state is kept, and so is the time that the run has taken up to it.
  const endIsKept = phase === 'closed' || (ending !== null && isResumable(ending))
  const stands = isWaiting(state) || waitsForModels || endIsKept
  if (stands && runningSinceMs !== null) {
    return { ...state, clock: { spentMs: ownTimeMs(plan, state, nowMs), runningSinceMs: null } }
  }
  if (!stands && runningSinceMs === null) return { ...state, clock: { spentMs, runningSinceMs: nowMs } }
  return state
}

/** When the run's own time is up; null while its clock stands, its end is decided, or something has to happen before. */
export function deadlineAtMs(plan: WorkflowPlan, state: RunState): number | null {
  const { spentMs, runningSinceMs } = state.clock
  if (state.ending !== null || runningSinceMs === null) return null
  const leftMs = plan.limits.deadlineMs - spentMs
  if (!countsAll(plan) && leftMs > LONGEST_TRY_MS) return null
  return runningSinceMs + leftMs
}

/** The next moment at which time itself changes something: the deadline, or what time does to an approval. */
export function nextAlarm(plan: WorkflowPlan, state: RunState): number | null {
  if (hasEnded(state)) return null
  let next = Math.min(
    deadlineAtMs(plan, state) ?? Number.POSITIVE_INFINITY,
    nextPauseMomentMs(state),
    nextModelMomentMs(state),
  )
  for (const { stage, approval, terms } of state.calls) {
    if (stage !== 'waiting' || approval === null) continue
    next = Math.min(next, nextMomentMs(termsOf(plan, terms), approval))
  }
  return Number.isFinite(next) ? next : null
}
