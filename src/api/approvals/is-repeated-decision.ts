import type { Approval } from '../../contracts/approvals/approval.ts'
import type { JsonObject } from '../../contracts/json.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import type { DecisionBody } from './decision.schema.ts'

/**
 * Whether this person has made this very decision before: the first answer may have been lost, so the request is answered again. While
 * the approval waits for more votes, a different comment makes it a second vote, which is refused.
 */
export function isRepeatedDecision(approval: Approval, body: DecisionBody, by: string): boolean {
  const cast = approval.votes.find((vote) => vote.by === by)
  if (cast?.decision !== body.decision || approval.decisionSha256 !== body.arguments_sha256) return false
  if (approval.status === 'pending') return cast.comment === body.comment
  switch (body.decision) {
    case 'edit':
      return approval.edited?.argumentsSha256 === canonicalSha256((body.arguments ?? {}) as JsonObject)
    case 'respond':
      return approval.outcome?.message === body.message
    default:
      return true
  }
}
