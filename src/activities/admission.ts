import { verifyDecision } from '../store/decision-signature.ts'
import { APPROVAL_DECISION } from './approval-decision.schema.ts'
import type { Dependencies } from './dependencies.ts'

/**
 * Which decisions a worker believes: those signed with the secret, or, on one person's own machine, whatever has a decision's
 * shape. There is no default, so that a missing secret never opens the door.
 */
export function createAdmission(believe: { readonly signedWith: string } | 'all'): Dependencies['admits'] {
  return (runId, decision) =>
    APPROVAL_DECISION.safeParse(decision).success &&
    (believe === 'all' || verifyDecision(believe.signedWith, runId, decision))
}
