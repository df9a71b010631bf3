import type { Client } from '@temporalio/client'
import type { ApprovalDecision } from '../../contracts/approvals/approval.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { approvalDecision, decideApproval } from '../../workflows/agent-run.messages.ts'
import type { SignalBound } from './signal-bound.ts'
import { updateOrSignal } from './update-or-signal.ts'

/** Codes with which a run refuses a decision: types of the update's failure. */
const REFUSALS = [
  'not_found',
  'already_decided',
  'stale',
  'requester_excluded',
  'not_an_approver',
  'already_voted',
  'decision_not_allowed',
  'edited_arguments_invalid',
  'edit_beyond_policy',
  'edit_not_looked_up',
  'decision_unsigned',
  'run_ended',
  'run_busy',
] as const satisfies readonly ErrorCode[]

/**
 * `decided`: the decision is recorded, as the last vote or as one of several. `sent`: no worker answered in time; the decision is in the
 * workflow's history and counts once a worker is there.
 */
export type DecisionAnswer = 'decided' | 'sent' | 'not_running' | (typeof REFUSALS)[number]

export async function sendDecision(
  client: Client,
  workflowId: string,
  decision: ApprovalDecision,
  bound: SignalBound,
): Promise<DecisionAnswer> {
  const reply = await updateOrSignal(client, workflowId, {
    update: decideApproval,
    signal: approvalDecision,
    argument: decision,
    refusals: REFUSALS,
    bound,
  })
  if (reply.type === 'done') return 'decided'
  if (reply.type === 'busy') return 'run_busy'
  return reply.type === 'refused' ? reply.code : reply.type
}
