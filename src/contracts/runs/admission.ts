import type { ApprovalDecision } from '../approvals/approval.ts'
import type { BudgetChange } from '../budgets/budget.ts'
import type { ErrorCode } from '../error-codes.ts'
import type { RunIdentity } from './run.ts'

/* Inputs of the activities that verify the author of a submission, and put refused ones on the record. */

/** Verifies a decision's author, and whether it can be used. */
export interface AdmitDecisionInput {
  readonly run: RunIdentity
  readonly decision: ApprovalDecision
  /** The tool of the call that the decision is about; null where the run has no such approval. */
  readonly tool: string | null
  /** The run can't accept the decision, so only its author is verified. */
  readonly unfit?: true
}

/** Verifies the author of a change of the budget. */
export interface AdmitBudgetChangeInput {
  readonly run: RunIdentity
  readonly change: BudgetChange
}

/** Puts a refused decision on the record. */
export interface RecordRefusalInput {
  readonly run: RunIdentity
  readonly approvalId: string
  readonly by: string
  readonly code: ErrorCode
}

/** Puts refused decisions on the record, oldest first, and the number of submissions that were dropped so far. */
export interface RecordRefusalsInput {
  readonly run: RunIdentity
  readonly refusals: readonly Omit<RecordRefusalInput, 'run'>[]
  readonly dropped: number
}
