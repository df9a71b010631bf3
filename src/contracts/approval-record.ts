import type { ApprovalCause, ApprovalId, ApprovalOutcome, ApprovalTerms, Vote } from './approval.ts'
import type { ErrorCode } from './error-codes.ts'
import type { JsonObject } from './json.ts'
import type { RunIdentity } from './run.ts'
import type { Effect } from './tool.ts'
import type { ToolResultNote } from './tool-call.ts'

export interface RequestApprovalInput {
  readonly run: RunIdentity
  readonly approvalId: ApprovalId
  readonly agent: string
  readonly step: number
  readonly index: number
  readonly tool: string
  readonly effect: Effect
  readonly arguments: JsonObject | null
  readonly argumentsSha256: string
  readonly cause: ApprovalCause
  readonly rule: string
  readonly terms: ApprovalTerms
  readonly expiresAt: string
}

/** Votes, escalations and reminders of an approval that still waits. `progress` counts them, so that each is told once. */
export interface RecordProgressInput {
  readonly run: RunIdentity
  readonly approvalId: ApprovalId
  readonly progress: number
  readonly votes: readonly Vote[]
  readonly approvers: readonly string[]
  readonly expiresAt: string
  /** What is new since the last one, oldest first. */
  readonly what: readonly ('voted' | 'escalated' | 'reminded')[]
}

/** Records what became of an approval. Where the call is not run, the model is told so at `toolResult.seq`. */
export interface RecordDecisionInput {
  readonly run: RunIdentity
  readonly approvalId: ApprovalId
  readonly outcome: ApprovalOutcome
  readonly votes: readonly Vote[]
  /** `edited`: the arguments that are used from here on; checked against their hash and the tool's schema. */
  readonly edited?: {
    readonly tool: string
    readonly arguments: JsonObject
    readonly argumentsSha256: string
  }
  /** Set when the call won't be run: what the model is told in the result's place. */
  readonly toolResult?: ToolResultNote
  /** Approvals of this run that still wait; none means that it goes on. */
  readonly stillWaiting: readonly ApprovalId[]
}

/** `refused`: the edited arguments are not what their hash says, or don't fit the tool; nothing is decided. */
export interface RecordedDecision {
  readonly refused?: Extract<ErrorCode, 'edited_arguments_invalid'>
}
