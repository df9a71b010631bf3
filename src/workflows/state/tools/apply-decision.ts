import { termsOf } from '../../../contracts/runs/read-plan.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import type { TightenedRule } from '../../../contracts/tools/tool.ts'
import { type ApprovalState, advanceApproval as agedApproval, castVote } from '../approvals/approval-state.ts'
import { findCall } from '../approvals/check-decision.ts'
import { endRun } from '../endings.ts'
import type { Occurrence } from '../occurrence.ts'
import type { RunState } from '../run-state.ts'
import { allowCall, refuseCall } from './allow-call.ts'
import { type CallState, finishCall, updateCall } from './call-state.ts'

/* Decisions of people about calls that wait for them, and what time does to such calls. */

/** Applies a person's decision to the call that it is about. Where several votes are needed, it is one of them. */
export function applyDecision(
  plan: WorkflowPlan,
  state: RunState,
  { decision, found }: Extract<Occurrence, { type: 'approval_decided' }>,
  nowMs: number,
): RunState {
  const call = findCall(state, decision.approvalId)
  if (call === undefined || call.approval === null || call.approval.outcome !== null) return state
  const approval = castVote(termsOf(plan, call.terms), call.approval, decision, nowMs, found)
  return updateCall(state, call.index, (current) => withApproval(current, approval))
}

/** Escalates, reminds of and expires the approvals that wait, as `nowMs` requires. */
export function advanceApprovals(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  let failed = false
  const calls = state.calls.map((call) => {
    if (call.stage !== 'waiting' || call.approval === null || call.approval.outcome !== null) return call
    const approval = agedApproval(termsOf(plan, call.terms), call.approval, nowMs)
    if (approval === 'failed') failed = true
    return approval === 'failed' ? call : withApproval(call, approval)
  })
  const after: RunState = { ...state, calls }
  if (!failed) return after
  return endRun(after, { status: 'failed', reason: 'approval_expired', error: 'tool_approval_expired' })
}

/** The call with a changed approval. An outcome that comes while the request is still being recorded takes effect after that. */
export function withApproval(call: CallState, approval: ApprovalState): CallState {
  const isDecided = approval.outcome !== null && call.stage === 'waiting'
  return { ...call, approval, stage: isDecided ? 'decided' : call.stage }
}

export function onProgressRecorded(call: CallState): CallState {
  return call.approval === null ? call : { ...call, approval: { ...call.approval, recordingProgress: false } }
}

/**
 * The outcome of an approval is on the record: the call is made, or has its result.
 *
 * @param refused the activity could not use the edit
 */
export function onDecisionRecorded(
  plan: WorkflowPlan,
  state: RunState,
  call: CallState,
  refused: boolean,
): CallState {
  const { approval } = call
  if (approval === null || approval.outcome === null) return call
  // An edit that can't be used decides nothing: its author's vote is void, and the approval still waits.
  if (refused) {
    const { by } = approval.outcome
    const votes = approval.votes.filter((one) => one.by !== by)
    return { ...call, stage: 'waiting', approval: { ...approval, votes, outcome: null, edit: null } }
  }
  const goesAhead = approval.outcome.status === 'approved' || approval.outcome.status === 'edited'
  // A stricter rule that came while the decision was being recorded still counts.
  const deniedNow = state.tightened.some((rule) => rule.verdict === 'deny' && ruleApplies(rule, call))
  if (goesAhead && deniedNow) return refuseCall(call, 'tool_denied', 'tightened')
  switch (approval.outcome.status) {
    case 'approved': {
      const again = call.again + (approval.cause === 'outcome_unknown' ? 1 : 0)
      return allowCall(plan, state, { ...call, again })
    }
    case 'edited':
      return allowCall(plan, state, applyEdit(call, approval))
    default:
      return finishCall(call)
  }
}

/** Puts a person's arguments in the place of the model's, with the facts that were looked up for them. */
function applyEdit(call: CallState, { edit }: ApprovalState): CallState {
  if (edit === null) return { ...call, edited: true }
  const approvers = edit.found?.approvers ?? call.found?.approvers
  const found = edit.found && { ...edit.found, ...(approvers && { approvers }) }
  return { ...call, ...edit, ...(found && { found }), edited: true }
}

export function ruleApplies(rule: TightenedRule, { tool, approval }: CallState): boolean {
  // Where the outcome is unknown, the call may have been made already, and the person only says whether to repeat it.
  return approval?.cause !== 'outcome_unknown' && (rule.tool === '*' || rule.tool === tool)
}
