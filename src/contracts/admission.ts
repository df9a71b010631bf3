import type { ApprovalDecision } from './approval.ts'
import type { BudgetChange } from './budget.ts'
import type { ErrorCode } from './error-codes.ts'
import type { RunIdentity } from './run.ts'

/* What the workflow asks about a submission: whether it is believed, and what is put on the record where it does not count. */

/** Asks whether a decision comes from whom it says, and can be used. `tool`: null where the run has no such approval. */
export interface AdmitDecisionInput {
  readonly run: RunIdentity
  readonly decision: ApprovalDecision
  readonly tool: string | null
  /** The run can't take it in: it is only asked who it comes from. */
  readonly unfit?: true
}

/** Whether a change of the budget comes from whom it says. */
export interface AdmitBudgetChangeInput {
  readonly run: RunIdentity
  readonly change: BudgetChange
}

/** A decision that was not accepted, for the record. */
export interface RecordRefusalInput {
  readonly run: RunIdentity
  readonly approvalId: string
  readonly by: string
  readonly code: ErrorCode
}

/** Decisions that were not accepted, oldest first, and how many submissions were dropped unread so far. */
export interface RecordRefusalsInput {
  readonly run: RunIdentity
  readonly refusals: readonly Omit<RecordRefusalInput, 'run'>[]
  readonly dropped: number
}
