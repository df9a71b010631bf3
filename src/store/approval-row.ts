import type { Approval } from '../contracts/approval.ts'

/** The columns of `approvals` that {@link toApproval} reads. */
export const APPROVAL_COLUMNS = `
  id, run_id as "runId", tenant, agent, tool, effect, step, index, arguments, arguments_sha256 as "argumentsSha256",
  cause, rule, status, requested_at as "requestedAt", expires_at as "expiresAt", decided_by as "decidedBy",
  decided_at as "decidedAt", message, comment`

export interface ApprovalColumns extends Omit<Approval, 'outcome'> {
  readonly decidedBy: string | null
  readonly decidedAt: string | null
  readonly message: string | null
  readonly comment: string | null
}

export function toApproval({
  decidedBy,
  decidedAt,
  message,
  comment,
  ...approval
}: ApprovalColumns): Approval {
  const { status } = approval
  if (status === 'pending' || decidedBy === null || decidedAt === null) return { ...approval, outcome: null }
  return {
    ...approval,
    outcome: {
      status,
      by: decidedBy,
      at: decidedAt,
      ...(message !== null && { message }),
      ...(comment !== null && { comment }),
    },
  }
}
