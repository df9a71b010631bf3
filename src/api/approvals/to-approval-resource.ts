import type { Approval, DecisionKind } from '../../contracts/approvals/approval.ts'
import type { ApprovalResource } from './approval.schema.ts'

/** @param origins see `argumentOrigins`; left out of lists */
export function toApprovalResource(
  approval: Approval,
  origins?: Readonly<Record<string, string>>,
): ApprovalResource {
  const { outcome, edited, terms, runId } = approval
  return {
    id: approval.id,
    object: 'approval',
    run_id: runId,
    agent: approval.agent,
    requester: approval.requester,
    step: approval.step,
    tool: approval.tool,
    effect: approval.effect,
    arguments: approval.arguments,
    arguments_sha256: approval.decisionSha256,
    ...(approval.facts !== null && { facts: approval.facts }),
    ...(origins !== undefined && { argument_origins: { ...origins } }),
    ...(edited !== null && {
      edited: { arguments: edited.arguments, arguments_sha256: edited.argumentsSha256 },
    }),
    reason: approval.cause,
    rule: approval.rule,
    status: approval.status,
    allowed_decisions: [...allowedDecisions(approval)],
    approvers: { principals: [...approval.principals], groups: [...approval.approvers] },
    quorum: {
      required: terms.quorum,
      of: [...approval.approvers],
      distinct: true,
      exclude_requester: terms.excludeRequester,
      rejection: terms.rejection,
    },
    votes: approval.votes.map(({ by, decision, at, comment }) => ({
      by,
      decision,
      at,
      ...(comment !== undefined && { comment }),
    })),
    requested_at: approval.requestedAt,
    expires_at: approval.expiresAt,
    on_timeout: terms.onTimeout,
    escalation: terms.escalation.map(({ afterMs, to }) => ({ after_ms: afterMs, to: [...to] })),
    ...(outcome !== null && { decided_at: outcome.at }),
    ...(outcome?.message !== undefined && { message: outcome.message }),
    links: {
      run: `/v1/runs/${runId}`,
      events: `/v1/runs/${runId}/events`,
      messages: `/v1/runs/${runId}/messages`,
    },
  }
}

/** A call whose outcome is unknown can be repeated or left, but not edited. */
export function allowedDecisions({ status, cause, terms }: Approval): readonly DecisionKind[] {
  if (status !== 'pending') return []
  return terms.decisions.filter((decision) => decision !== 'edit' || cause === 'policy')
}
