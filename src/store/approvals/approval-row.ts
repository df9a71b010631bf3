import type { Approval } from '../../contracts/approvals/approval.ts'
import type { JsonObject } from '../../contracts/json.ts'

/** The columns of `approvals` that {@link toApproval} reads. */
export const APPROVAL_COLUMNS = `
  id, run_id as "runId", parent_run_id as "parentRunId", tenant, agent, requester, tool, effect, step, index, arguments,
  arguments_sha256 as "argumentsSha256", facts, coalesce(decision_sha256, arguments_sha256) as "decisionSha256", cause, rule,
  terms, principals, approvers, votes, status, requested_at as "requestedAt", expires_at as "expiresAt",
  decided_by as "decidedBy", decided_at as "decidedAt", message, comment,
  edited_arguments as "editedArguments", edited_sha256 as "editedSha256"`

export interface ApprovalColumns extends Omit<Approval, 'outcome' | 'edited'> {
  readonly decidedBy: string | null
  readonly decidedAt: string | null
  readonly message: string | null
  readonly comment: string | null
  readonly editedArguments: JsonObject | null
  readonly editedSha256: string | null
}

export function toApproval({
  decidedBy,
  decidedAt,
  message,
  comment,
  editedArguments,
  editedSha256,
  ...approval
}: ApprovalColumns): Approval {
  const { status } = approval
  const edited =
    editedArguments !== null && editedSha256 !== null
      ? { arguments: editedArguments, argumentsSha256: editedSha256 }
      : null
  if (status === 'pending' || decidedBy === null || decidedAt === null)
    return { ...approval, edited, outcome: null }
  return {
    ...approval,
    edited,
    outcome: {
      status,
      by: decidedBy,
      at: decidedAt,
      ...(message !== null && { message }),
      ...(comment !== null && { comment }),
    },
  }
}
