import type { ErrorCode } from '../../../contracts/error-codes.ts'
import { plannedTool } from '../../../contracts/read-plan.ts'
import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import type { RunState } from '../run-state.ts'
import type { CallState } from './call-state.ts'

/** A call that may be made. A handoff is no more than the run's own word for it, told to the model in a result's place. */
export function cleared(plan: WorkflowPlan, call: CallState): CallState {
  const { execution, to = null } = plannedTool(plan, call.tool)
  return execution === 'handoff'
    ? { ...call, stage: 'refused', refusal: null, handsTo: to }
    : { ...call, stage: 'ready' }
}

/** A call that a person has cleared. A handoff that was cleared before it stands. */
export function clearedLate(plan: WorkflowPlan, state: RunState, call: CallState): CallState {
  const isHandedOn = state.calls.some(({ handsTo }) => handsTo !== null)
  return isHandedOn ? secondHandoff(plan, cleared(plan, call)) : cleared(plan, call)
}

/** Of several handoffs that are cleared the first one is made; the model is told that the others are not. */
export function oneHandoff(plan: WorkflowPlan, calls: readonly CallState[]): readonly CallState[] {
  const first = calls.find(({ handsTo }) => handsTo !== null)
  return calls.map((call) => (call === first || first === undefined ? call : secondHandoff(plan, call)))
}

/** Older runs went to the last one. */
function secondHandoff(plan: WorkflowPlan, call: CallState): CallState {
  const isOne = call.handsTo !== null && plan.format >= 3
  return isOne ? refuse({ ...call, handsTo: null }, 'tool_handed_off', null) : call
}

export function refuse(call: CallState, refusal: ErrorCode, rule: string | null): CallState {
  return { ...call, stage: 'refused', refusal, rule }
}
