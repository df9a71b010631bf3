import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import type { RunState } from './run-state.ts'

/*
 * The run's own time is that in which somebody could try. Nobody tells the run when its workers or the store were away, but then
 * nothing happens to it: between two things that happen, what counts is at most what one try takes.
 */

/** What one try of a model takes at most, with what is around it. Never changes: runs replay by it. */
export const LONGEST_TRY_MS = 330_000

/** Milliseconds of its own that the run has taken. */
export function ownTimeMs(
  plan: WorkflowPlan,
  { clock: { spentMs, runningSinceMs } }: RunState,
  nowMs: number,
): number {
  if (runningSinceMs === null) return spentMs
  const sinceMs = nowMs - runningSinceMs
  return spentMs + (countsAll(plan) ? sinceMs : Math.min(sinceMs, LONGEST_TRY_MS))
}

/** Runs of 0.2.0 count whatever passes. */
export function countsAll({ format }: WorkflowPlan): boolean {
  return format < 3
}
