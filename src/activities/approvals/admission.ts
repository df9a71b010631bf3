import type { ApprovalDecision } from '../../contracts/approval.ts'
import type { BudgetChange } from '../../contracts/budget.ts'
import { isDeeperThan } from '../../contracts/json.ts'
import type { RunId } from '../../contracts/run.ts'
import { SIZES } from '../../policies/limits.ts'
import { type Purpose, verify } from '../../security/signature.ts'
import { BUDGET_CHANGE } from '../budgets/budget-change.schema.ts'
import { APPROVAL_DECISION } from './approval-decision.schema.ts'

/** What people send a run that not everybody may. */
export interface Admissible extends Record<Purpose, object> {
  readonly decision: ApprovalDecision
  readonly budget_change: BudgetChange
}

/** Whether a message comes from whom it says. */
export type Admission = <P extends Purpose>(purpose: P, runId: RunId, message: Admissible[P]) => boolean

const SHAPES = { decision: APPROVAL_DECISION, budget_change: BUDGET_CHANGE } as const

/**
 * Which messages a worker believes: those signed with the secret, or, on one person's own machine, whatever has the shape of
 * one. There is no default, so that a missing secret never opens the door.
 */
export function createAdmission(believe: { readonly signedWith: string } | 'all'): Admission {
  return (purpose, runId, message) =>
    !isDeeperThan(message, SIZES.maxMessageDepth) &&
    SHAPES[purpose].safeParse(message).success &&
    (believe === 'all' || verify(believe.signedWith, purpose, runId, message))
}
