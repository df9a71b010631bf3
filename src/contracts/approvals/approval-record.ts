import type { ErrorCode } from '../error-codes.ts'
import type { JsonObject } from '../json.ts'
import type { RunIdentity } from '../runs/run.ts'
import type { Effect } from '../tools/tool.ts'
import type { ToolResultNote } from '../tools/tool-call.ts'
import type { ApprovalCause, ApprovalId, ApprovalOutcome, ApprovalTerms, Vote } from './approval.ts'

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

/** Puts votes, escalations and reminders of a waiting approval on the record. `progress` counts them, so that each has one event. */
export interface RecordProgressInput {
  readonly run: RunIdentity
  readonly approvalId: ApprovalId
  readonly progress: number
  readonly votes: readonly Vote[]
  readonly approvers: readonly string[]
  readonly expiresAt: string
  /** Those that are new since the last input, oldest first. */
  readonly what: readonly ('voted' | 'escalated' | 'reminded')[]
}

/** Puts the outcome of an approval on the record. Where the call is not made, `toolResult` is its result. */
export interface RecordDecisionInput {
  readonly run: RunIdentity
  readonly approvalId: ApprovalId
  readonly outcome: ApprovalOutcome
  readonly votes: readonly Vote[]
  /** The arguments of an edit, which replace the call's own; checked against their hash and the tool's schema. */
  readonly edited?: {
    readonly tool: string
    readonly arguments: JsonObject
    readonly argumentsSha256: string
  }
  /** Set where the call is not made: its result, as the model reads it. */
  readonly toolResult?: ToolResultNote
  /** Other approvals of the run that still wait; without any, the run goes on. */
  readonly stillWaiting: readonly ApprovalId[]
}

/** `refused`: the edited arguments do not match their hash or don't fit the tool, so nothing is decided. */
export interface RecordedDecision {
  readonly refused?: Extract<ErrorCode, 'edited_arguments_invalid'>
}
