import { type Approval, whyMayNotDecide } from '../../contracts/approvals/approval.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { Principal } from '../access/principal.ts'
import type { DecisionBody } from './decision.schema.ts'
import { allowedDecisions } from './to-approval-resource.ts'

/**
 * Why the run would refuse this decision, as far as the store knows; null otherwise. It saves the call to the workflow. And while no
 * worker is up, it keeps a decision that can never count from being answered as if it were on its way.
 */
export function precheckDecision(
  approval: Approval,
  { decision, arguments_sha256: hash }: DecisionBody,
  { id, groups }: Principal,
): ErrorCode | null {
  if (approval.status === 'pending' && approval.decisionSha256 !== hash) return 'stale'
  return (
    whyMayNotDecide(approval, { principal: id, groups }) ??
    (allowedDecisions(approval).includes(decision) ? null : 'decision_not_allowed')
  )
}
