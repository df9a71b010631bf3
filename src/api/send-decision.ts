import { createHash } from 'node:crypto'
import {
  ApplicationFailure,
  type Client,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import type { ApprovalDecision } from '../contracts/approval.ts'
import type { ErrorCode } from '../contracts/error-codes.ts'
import { canonicalJson } from '../contracts/json.ts'
import { HTTP } from '../policies/api.ts'
import { approvalDecision, decideApproval } from '../workflows/agent-run.messages.ts'
import { callTemporal } from './call-temporal.ts'

/** Why the run does not take a decision: the types of its failures. */
const REFUSALS = [
  'not_found',
  'already_decided',
  'stale',
  'requester_excluded',
  'not_an_approver',
  'already_voted',
  'decision_not_allowed',
  'edited_arguments_invalid',
  'decision_unsigned',
] as const satisfies readonly ErrorCode[]

/**
 * `decided`: it is on the record, as the last voice or as one of several. `sent`: no worker answered in time; it lies in the workflow's history and counts once
 * one does.
 */
export type DecisionAnswer = 'decided' | 'sent' | 'not_running' | (typeof REFUSALS)[number]

/** Takes a decision to the run: as an update, which is answered, or as a signal when nobody is there to answer. */
export async function sendDecision(
  client: Client,
  workflowId: string,
  decision: ApprovalDecision,
): Promise<DecisionAnswer> {
  const handle = client.workflow.getHandle(workflowId)
  try {
    await callTemporal(client, HTTP.temporalTimeoutMs, () =>
      handle.executeUpdate(decideApproval, { args: [decision], updateId: updateIdOf(decision) }),
    )
    return 'decided'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'not_running'
    if (error instanceof WorkflowUpdateFailedError) return refusalOf(error.cause)
    if (!(error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)) throw error
  }
  try {
    await callTemporal(client, HTTP.temporalTimeoutMs, () => handle.signal(approvalDecision, decision))
    return 'sent'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'not_running'
    throw error
  }
}

/** An update that fails with anything else was taken in by a workflow that ended before it answered. */
function refusalOf(cause: unknown): DecisionAnswer {
  const type = cause instanceof ApplicationFailure ? cause.type : undefined
  return REFUSALS.find((refusal) => refusal === type) ?? 'not_running'
}

/** The same decision sent again is the same update: it attaches to the first instead of being refused by it. */
function updateIdOf(decision: ApprovalDecision): string {
  return createHash('sha256')
    .update(canonicalJson({ ...decision }))
    .digest('hex')
}
