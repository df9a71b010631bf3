import { termsOf } from '../../../contracts/read-plan.ts'
import type { TightenedRule } from '../../../contracts/tool.ts'
import type { WorkflowPlan } from '../../../contracts/workflow-plan.ts'
import { type ApprovalState, aged as agedApproval, vote } from '../approvals/approval-state.ts'
import { findCall } from '../approvals/check-decision.ts'
import { end } from '../endings.ts'
import type { Occurrence } from '../occurrence.ts'
import type { RunState } from '../run-state.ts'
import { type CallState, done, updateCall } from './call-state.ts'
import { clearedLate, refuse } from './clear-call.ts'

/* What people's decisions, and time, make of the calls that wait for them. */

/** A person has decided about a call, or voted. */
export function decided(
  plan: WorkflowPlan,
  state: RunState,
  { decision, found }: Extract<Occurrence, { type: 'approval_decided' }>,
  nowMs: number,
): RunState {
  const call = findCall(state, decision.approvalId)
  if (call === undefined || call.approval === null || call.approval.outcome !== null) return state
  const approval = vote(termsOf(plan, call.terms), call.approval, decision, nowMs, found)
  return updateCall(state, call.index, (current) => withApproval(current, approval))
}

/** Time has come to look at what waits: escalations, reminders, expiries. */
export function aged(plan: WorkflowPlan, state: RunState, nowMs: number): RunState {
  let failed = false
  const calls = state.calls.map((call) => {
    if (call.stage !== 'waiting' || call.approval === null || call.approval.outcome !== null) return call
    const approval = agedApproval(termsOf(plan, call.terms), call.approval, nowMs)
    if (approval === 'failed') failed = true
    return approval === 'failed' ? call : withApproval(call, approval)
  })
  const after: RunState = { ...state, calls }
  if (!failed) return after
  return end(after, { status: 'failed', reason: 'approval_expired', error: 'tool_approval_expired' })
}

/** While the asking itself is still being recorded an outcome waits its turn. */
export function withApproval(call: CallState, approval: ApprovalState): CallState {
  const isDecided = approval.outcome !== null && call.stage === 'waiting'
  return { ...call, approval, stage: isDecided ? 'decided' : call.stage }
}

export function progressRecorded(call: CallState): CallState {
  return call.approval === null ? call : { ...call, approval: { ...call.approval, recordingProgress: false } }
}

/** What became of an approval is on the record: the call goes ahead, or is answered. */
export function decisionRecorded(
  plan: WorkflowPlan,
  state: RunState,
  call: CallState,
  refused: boolean,
): CallState {
  const { approval } = call
  if (approval === null || approval.outcome === null) return call
  // An edit that is not usable decides nothing: its author's vote is void, and the approval waits on.
  if (refused) {
    const { by } = approval.outcome
    const votes = approval.votes.filter((one) => one.by !== by)
    return { ...call, stage: 'waiting', approval: { ...approval, votes, outcome: null, edit: null } }
  }
  const goesAhead = approval.outcome.status === 'approved' || approval.outcome.status === 'edited'
  // A rule that came in while the decision was being recorded still counts.
  const deniedNow = state.tightened.some((rule) => rule.verdict === 'deny' && isAbout(rule, call))
  if (goesAhead && deniedNow) return refuse(call, 'tool_denied', 'tightened')
  switch (approval.outcome.status) {
    case 'approved': {
      const again = call.again + (approval.cause === 'outcome_unknown' ? 1 : 0)
      return clearedLate(plan, state, { ...call, again })
    }
    case 'edited':
      return clearedLate(plan, state, edited(call, approval))
    default:
      return done(call)
  }
}

/** With the arguments that a person has put in place of the model's, and what was looked up of them. */
function edited(call: CallState, { edit }: ApprovalState): CallState {
  if (edit === null) return { ...call, edited: true }
  const approvers = edit.found?.approvers ?? call.found?.approvers
  const found = edit.found && { ...edit.found, ...(approvers && { approvers }) }
  return { ...call, ...edit, ...(found && { found }), edited: true }
}

export function isAbout(rule: TightenedRule, { tool, approval }: CallState): boolean {
  // A call that may have been made already is another question.
  return approval?.cause !== 'outcome_unknown' && (rule.tool === '*' || rule.tool === tool)
}
