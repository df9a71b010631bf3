import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import type { RunState } from './run-state.ts'

/*
 * The run's own time is the time in which somebody could work for it. The run is not informed when its workers or the store are away,
 * but then no occurrence comes either. So between two occurrences at most the length of one try counts.
 */

/** The longest try of a model call, with the bookkeeping around it. Never changed: runs replay by it. */
export const LONGEST_TRY_MS = 330_000

/** Milliseconds of the run's own time up to now. */
export function ownTimeMs(
  plan: WorkflowPlan,
  { clock: { spentMs, runningSinceMs } }: RunState,
  nowMs: number,
): number {
  if (runningSinceMs === null) return spentMs
  const sinceMs = nowMs - runningSinceMs
  return spentMs + (countsAllTime(plan) ? sinceMs : Math.min(sinceMs, LONGEST_TRY_MS))
}

/** Runs of 0.2.0 count all time that passes. */
export function countsAllTime({ format }: WorkflowPlan): boolean {
  return format < 3
}
