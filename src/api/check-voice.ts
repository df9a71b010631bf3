import type { Approval } from '../contracts/approval.ts'
import type { ErrorCode } from '../contracts/error-codes.ts'
import { cannotDecide } from './cannot-decide.ts'
import type { Principal } from './principal.ts'
import { allowedDecisions } from './resources/to-approval-resource.ts'
import type { DecisionBody } from './schemas/decision.schema.ts'

/**
 * Why the run would refuse this decision, as far as the store can tell; null where it can't. It saves the way to the run, and
 * keeps a decision that can never count from being taken in while no worker is up to refuse it.
 */
export function checkVoice(
  approval: Approval,
  { decision, arguments_sha256: hash }: DecisionBody,
  principal: Principal,
): ErrorCode | null {
  if (approval.status === 'pending' && approval.argumentsSha256 !== hash) return 'stale'
  return (
    cannotDecide(approval, principal) ??
    (allowedDecisions(approval).includes(decision) ? null : 'decision_not_allowed')
  )
}
