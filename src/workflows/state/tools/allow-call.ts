import type { ErrorCode } from '../../../contracts/error-codes.ts'
import { plannedTool } from '../../../contracts/runs/read-plan.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import type { RunState } from '../run-state.ts'
import type { CallState } from './call-state.ts'

/** The call once it may be made. A handoff needs no activity of its own: the run answers the call, and its step ends with the handoff. */
export function toAllowed(plan: WorkflowPlan, call: CallState): CallState {
  const { execution, to = null } = plannedTool(plan, call.tool)
  return execution === 'handoff'
    ? { ...call, stage: 'refused', refusal: null, handsTo: to }
    : { ...call, stage: 'ready' }
}

/** Allows a call. Where another call of the step has handed the run over already, a second handoff is refused. */
export function allowCall(plan: WorkflowPlan, state: RunState, call: CallState): CallState {
  const isHandedOver = state.calls.some(({ handsTo }) => handsTo !== null)
  return isHandedOver ? refuseHandoff(plan, toAllowed(plan, call)) : toAllowed(plan, call)
}

/** Of several allowed handoffs the first is made; the others are refused, and the model is told so. */
export function keepFirstHandoff(plan: WorkflowPlan, calls: readonly CallState[]): readonly CallState[] {
  const first = calls.find(({ handsTo }) => handsTo !== null)
  return calls.map((call) => (call === first || first === undefined ? call : refuseHandoff(plan, call)))
}

/** Refuses the call where it is a handoff. Older runs made the last handoff of a step instead of the first. */
function refuseHandoff(plan: WorkflowPlan, call: CallState): CallState {
  const isHandoff = call.handsTo !== null && plan.format >= 3
  return isHandoff ? refuseCall({ ...call, handsTo: null }, 'tool_handed_off', null) : call
}

export function refuseCall(call: CallState, refusal: ErrorCode, rule: string | null): CallState {
  return { ...call, stage: 'refused', refusal, rule }
}
