import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import { nextAlarm } from '../state/clock.ts'
import type { RunState } from '../state/run-state.ts'

/**
 * The run's one timer, set for the next moment at which time itself changes the state. It is replaced only when that moment changes: a
 * timer for every wait would cost two events of history a step.
 */
export function createAlarm(ring: () => void): { set(plan: WorkflowPlan, state: RunState): void } {
  let atMs: number | null = null
  let scope: CancellationScope | null = null

  function set(plan: WorkflowPlan, state: RunState): void {
    const next = nextAlarm(plan, state)
    if (next === atMs) return
    scope?.cancel()
    scope = null
    atMs = next
    if (next === null) return
    const timer = new CancellationScope()
    scope = timer
    timer
      .run(() => sleep(Math.max(next - Date.now(), 1), { summary: 'deadline or approval expiry' }))
      .then(
        () => {
          if (scope === timer) atMs = null
          ring()
        },
        (error: unknown) => {
          if (!isCancellation(error)) throw error
        },
      )
  }

  return { set }
}
