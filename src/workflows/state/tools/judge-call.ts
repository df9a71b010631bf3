import { applyPolicy } from '../../../contracts/approvals/approval-policy.ts'
import { mayCall, plannedTool, termsOf } from '../../../contracts/runs/read-plan.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import type { FoundOfCall } from '../../../contracts/tools/look-up.ts'
import { newApproval } from '../approvals/approval-state.ts'
import type { RunState } from '../run-state.ts'
import { allowCall, refuseCall } from './allow-call.ts'
import type { CallState } from './call-state.ts'

/**
 * Applies the policy to a call: it is allowed, refused, or put to a person. Facts that its rules need are looked up first. What the caller
 * may not have called is refused before any of that.
 */
export function judgeCall(plan: WorkflowPlan, state: RunState, call: CallState, nowMs: number): CallState {
  const { found } = call
  const tool = plannedTool(plan, call.tool)
  if (!mayCall(plan, tool)) return refuseCall(call, 'tool_not_allowed', null)
  if (tool.facts && found === undefined) return { ...call, stage: 'to_look_up' }
  const known = { ...call, ...(found && { facts: found.facts }) }
  const { verdict, rule, terms } = applyPolicy(tool, known, state.tightened)
  const ready: CallState = { ...call, terms, stage: 'ready' }
  if (verdict === 'allow') return allowCall(plan, state, ready)
  if (verdict === 'deny') return refuseCall(ready, 'tool_denied', rule)
  return askPerson(plan, state, { ...ready, rule }, nowMs)
}

/** Asks a person about the call. A tool that names the approvers of a call is asked for them first. */
export function askPerson(plan: WorkflowPlan, state: RunState, call: CallState, nowMs: number): CallState {
  const namesApprovers = plannedTool(plan, call.tool).approvers === true
  if (namesApprovers && call.found?.approvers === undefined) return { ...call, stage: 'to_look_up' }
  const approval = newApproval(termsOf(plan, call.terms), state, call, 'policy', nowMs)
  return { ...call, approval, stage: 'unasked' }
}

/** The call's facts and approvers are known, so the policy is applied. Rules that came during the look-up count. */
export function onLookedUp(
  plan: WorkflowPlan,
  state: RunState,
  call: CallState,
  found: FoundOfCall | null,
  nowMs: number,
): CallState {
  // The look-up ended although it was to be stopped: the run ends, and no call is made any more.
  if (found === null || call.stage !== 'looking_up' || state.ending !== null)
    return { ...call, stage: 'done' }
  return judgeCall(plan, state, { ...call, found }, nowMs)
}
