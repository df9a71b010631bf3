import type { ApprovalId, ApprovalOutcome } from '../../../contracts/approvals/approval.ts'
import { plannedTool, termsOf } from '../../../contracts/runs/read-plan.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import type { ToolResultNote } from '../../../contracts/tools/tool-call.ts'
import type { Command } from '../command.ts'
import { resultNote } from '../result-note.ts'
import type { RunState } from '../run-state.ts'
import type { CallStage, CallState } from '../tools/call-state.ts'
import type { ApprovalState } from './approval-state.ts'

/** Puts an approval on the record: its request, then its votes, escalations and reminders, then its outcome. */
export function recordApproval(plan: WorkflowPlan, state: RunState, call: CallState): readonly Command[] {
  const { index, stage, approval } = call
  if (approval === null || approval.recordingProgress) return []
  if (stage === 'unasked') return [requestApproval(plan, state, call, approval)]
  const isRequested = stage === 'waiting' || stage === 'decided'
  if (isRequested && approval.unrecorded.length > 0) return [recordProgress(index, approval)]
  return stage === 'decided' && approval.outcome !== null
    ? [recordDecision(state, call, approval, approval.outcome)]
    : []
}

function requestApproval(
  plan: WorkflowPlan,
  state: RunState,
  call: CallState,
  approval: ApprovalState,
): Command {
  const { index, tool, argumentsSha256 } = call
  return {
    type: 'request_approval',
    index,
    input: {
      approvalId: approval.id,
      agent: plan.agent.name,
      step: state.step,
      index,
      tool,
      effect: plannedTool(plan, tool).effect,
      arguments: call.arguments,
      argumentsSha256,
      cause: approval.cause,
      rule: call.rule ?? 'otherwise',
      terms: termsOf(plan, call.terms),
      expiresAt: new Date(approval.expiresAtMs).toISOString(),
    },
  }
}

function recordProgress(index: number, approval: ApprovalState): Command {
  const { id, progress, votes, approvers, expiresAtMs, unrecorded } = approval
  const expiresAt = new Date(expiresAtMs).toISOString()
  return {
    type: 'record_progress',
    index,
    input: { approvalId: id, progress, votes, approvers, expiresAt, what: unrecorded },
  }
}

function recordDecision(
  state: RunState,
  call: CallState,
  approval: ApprovalState,
  outcome: ApprovalOutcome,
): Command {
  const { id, votes, edit } = approval
  const toolResult = resultInPlaceOfCall(call, approval, outcome)
  return {
    type: 'record_decision',
    index: call.index,
    input: {
      approvalId: id,
      outcome,
      votes,
      stillWaiting: openApprovals(state).filter((other) => other !== id),
      ...(edit !== null && { edited: { tool: call.tool, ...edit } }),
      ...(toolResult !== null && { toolResult }),
    },
  }
}

/** The result that the model reads for a call that a person, or time, has refused or answered; null for an approved call. */
function resultInPlaceOfCall(
  call: CallState,
  { cause }: ApprovalState,
  { status, message }: ApprovalOutcome,
): ToolResultNote | null {
  if (status === 'approved' || status === 'edited') return null
  if (status === 'responded') return resultNote(call, undefined, message)
  if (cause === 'outcome_unknown') return resultNote(call, 'tool_outcome_unknown', message)
  return resultNote(call, status === 'rejected' ? 'tool_rejected' : 'tool_approval_expired', message)
}

/** Approvals that wait for a decision, or whose decision still has to be put on the record. */
export function openApprovals(state: RunState): readonly ApprovalId[] {
  return state.calls.flatMap(({ stage, approval }) =>
    approval !== null && stage !== 'done' && OPEN.has(stage) ? [approval.id] : [],
  )
}
const OPEN: ReadonlySet<CallStage> = new Set(['unasked', 'asking', 'waiting', 'decided', 'recording'])
