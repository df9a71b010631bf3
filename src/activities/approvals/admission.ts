import type { ApprovalDecision } from '../../contracts/approvals/approval.ts'
import type { BudgetChange } from '../../contracts/budgets/budget.ts'
import { isDeeperThan } from '../../contracts/json.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import { SIZES } from '../../policies/limits.ts'
import { type Purpose, verify } from '../../security/signature.ts'
import { BUDGET_CHANGE } from '../budgets/budget-change.schema.ts'
import { APPROVAL_DECISION } from './approval-decision.schema.ts'

/** Messages to a run that only some people may send. */
export interface Admissible extends Record<Purpose, object> {
  readonly decision: ApprovalDecision
  readonly budget_change: BudgetChange
}

/** Whether a message comes from the person that it names. */
export type Admission = <P extends Purpose>(purpose: P, runId: RunId, message: Admissible[P]) => boolean

const SHAPES = { decision: APPROVAL_DECISION, budget_change: BUDGET_CHANGE } as const

/**
 * A worker believes messages that are signed with the secret, or, on one person's own machine, every well-formed one. There is no
 * default: a missing secret would otherwise admit everybody.
 */
export function createAdmission(believe: { readonly signedWith: string } | 'all'): Admission {
  return (purpose, runId, message) =>
    !isDeeperThan(message, SIZES.maxMessageDepth) &&
    SHAPES[purpose].safeParse(message).success &&
    (believe === 'all' || verify(believe.signedWith, purpose, runId, message))
}
