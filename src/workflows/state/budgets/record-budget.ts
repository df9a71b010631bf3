import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import type { Command } from '../command.ts'
import type { RunState } from '../run-state.ts'
import { findPassedThreshold } from './apply-budget-change.ts'

/** Puts the budget's notices on the record, each once. */
export function recordBudget(plan: WorkflowPlan, state: RunState): readonly Command[] {
  const { budget, ending } = state
  const { unrecorded, recording, progress, limits, pause, reached, unrecordedBy = [] } = budget
  if (recording || unrecorded.length === 0) return []
  const threshold = unrecorded.includes('threshold') ? findPassedThreshold(plan, state) : null
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
