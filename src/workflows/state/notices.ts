import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import { pastSoft } from './budget.ts'
import type { Command } from './command.ts'
import type { RunState } from './run-state.ts'

/* What the run tells of its budget and its models, a few notices at a time and each once. */

/** Puts on the record what became of the budget, a few notices at a time. */
export function recordBudget(plan: WorkflowPlan, state: RunState): readonly Command[] {
  const { budget, ending } = state
  const { unrecorded, recording, progress, limits, pause, reached, unrecordedBy = [] } = budget
  if (recording || unrecorded.length === 0) return []
  const threshold = unrecorded.includes('threshold') ? pastSoft(plan, state) : null
  return [
    {
      type: 'record_budget',
      input: {
        progress,
        notices: unrecorded,
        limits,
        ...(pause !== null &&
          ending === null && {
            waits: { reached: pause.reached, expiresAt: new Date(pause.expiresAtMs).toISOString() },
          }),
        ...(reached !== null && { reached }),
        ...(threshold !== null && { threshold }),
        ...(unrecordedBy.length > 0 && { changedBy: unrecordedBy }),
      },
    },
  ]
}

/** Puts on the record that the run waits for models, or waits no longer. */
export function recordModelWait({ step, models, ending }: RunState): readonly Command[] {
  const { wait, tries, failedHops, progress, unrecorded, recording } = models
  if (recording || unrecorded.length === 0) return []
  const at = (ms: number) => new Date(ms).toISOString()
  return [
    {
      type: 'record_model_wait',
      input: {
        progress,
        notices: unrecorded,
        step,
        tries,
        ...(failedHops.length > 0 && { failedHops }),
        ...(wait !== null &&
          ending === null && { waits: { since: at(wait.sinceMs), until: at(wait.untilMs) } }),
      },
    },
  ]
}
