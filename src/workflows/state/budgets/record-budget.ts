import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import type { Command } from '../command.ts'
import type { RunState } from '../run-state.ts'
import { pastSoft } from './budget.ts'

/** Puts on the record what became of the budget: a few notices at a time, each once. */
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
