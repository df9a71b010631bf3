import { judge } from '../../../contracts/approval-policy.ts'
import type { FoundOfCall } from '../../../contracts/look-up.ts'
import { plannedTool, termsOf } from '../../../contracts/read-plan.ts'
import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import { newApproval } from '../approvals/approval-state.ts'
import type { RunState } from '../run-state.ts'
import type { CallState } from './call-state.ts'
import { clearedLate, refuse } from './clear-call.ts'

/** What the policy makes of a call that nobody has decided about: it is made, refused, or a person is asked. Facts come first. */
export function judged(plan: WorkflowPlan, state: RunState, call: CallState, nowMs: number): CallState {
  const { found } = call
  const tool = plannedTool(plan, call.tool)
  if (tool.facts && found === undefined) return { ...call, stage: 'to_look_up' }
  const known = { ...call, ...(found && { facts: found.facts }) }
  const { verdict, rule, terms } = judge(tool, known, state.tightened)
  const ready: CallState = { ...call, terms, stage: 'ready' }
  if (verdict === 'allow') return clearedLate(plan, state, ready)
  if (verdict === 'deny') return refuse(ready, 'tool_denied', rule)
  return asked(plan, state, { ...ready, rule }, nowMs)
}

/** A person is to be asked: once it is known whom the tool names, where it names somebody. */
export function asked(plan: WorkflowPlan, state: RunState, call: CallState, nowMs: number): CallState {
  const names = plannedTool(plan, call.tool).approvers === true
  if (names && call.found?.approvers === undefined) return { ...call, stage: 'to_look_up' }
  const approval = newApproval(termsOf(plan, call.terms), state, call, 'policy', nowMs)
  return { ...call, approval, stage: 'unasked' }
}

/** What has to be known of the call is known. Rules that came in meanwhile count. */
export function lookedUp(
  plan: WorkflowPlan,
  state: RunState,
  call: CallState,
  found: FoundOfCall | null,
  nowMs: number,
): CallState {
  // It was to be stopped, and had come to its end before: the run ends.
  if (found === null || call.stage !== 'looking_up' || state.ending !== null)
    return { ...call, stage: 'done' }
  return judged(plan, state, { ...call, found }, nowMs)
}
