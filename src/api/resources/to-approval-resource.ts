import type { Approval, ApprovalOutcome } from '../../contracts/approval.ts'
import type { ApprovalResource } from '../schemas/approval.schema.ts'

const DECISION_OF = { approved: 'approve', rejected: 'reject' } as const

export function toApprovalResource(approval: Approval): ApprovalResource {
  const { outcome } = approval
  return {
    id: approval.id,
    object: 'approval',
    run_id: approval.runId,
    agent: approval.agent,
    step: approval.step,
    tool: approval.tool,
    effect: approval.effect,
    arguments: approval.arguments,
    arguments_sha256: approval.argumentsSha256,
    reason: approval.cause,
    rule: approval.rule,
    status: approval.status,
    allowed_decisions: approval.status === 'pending' ? ['approve', 'reject'] : [],
    votes: outcome === null ? [] : votesOf(outcome),
    requested_at: approval.requestedAt,
    expires_at: approval.expiresAt,
    on_timeout: 'reject',
    ...(outcome !== null && { decided_at: outcome.at }),
  }
}

/** An approval that ran out or went down with its run was nobody's decision. */
function votesOf({ status, by, at, message, comment }: ApprovalOutcome): ApprovalResource['votes'] {
  if (status !== 'approved' && status !== 'rejected') return []
  const words = { ...(message !== undefined && { message }), ...(comment !== undefined && { comment }) }
  return [{ by, decision: DECISION_OF[status], at, ...words }]
}
