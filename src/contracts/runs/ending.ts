import type { ApprovalId } from '../approvals/approval.ts'
import type { ErrorCode } from '../error-codes.ts'
import type { ModelsWait, RunIdentity, RunReason, TerminalStatus } from './run.ts'

/* Inputs of the activities for a step that no model answers, and for the end of a run. */

/** A hop of the fallback chain that gave no answer. */
export interface FailedHop {
  readonly hop: number
  readonly model: string
  readonly code: ErrorCode
}

/** Puts on the record that a run waits for models, or no longer does. `progress` counts the notices, so that each has one event. */
export interface RecordModelWaitInput {
  readonly run: RunIdentity
  readonly progress: number
  /** The new notices, oldest first. */
  readonly notices: readonly ModelWaitNotice[]
  readonly step: number
  /** The hops that failed before the wait, where the wait is new. */
  readonly failedHops?: readonly FailedHop[]
  /** Set while the run waits. */
  readonly waits?: ModelsWait
  /** How often the chain has been tried in vain since the run began to wait. */
  readonly tries: number
}

export type ModelWaitNotice = 'away' | 'returned'

export interface CloseRunInput {
  readonly run: RunIdentity
  readonly status: TerminalStatus
  readonly reason?: RunReason
  /** Code of the failure, where the run failed. */
  readonly error?: ErrorCode
  readonly steps: number
  readonly failedHops?: readonly FailedHop[]
  /**
   * Where the answer is: a transcript position, or text of ours that is stored as the answer at `seq`. With `fromRecord` the answer is a
   * list of what the run has done, after `text`, after the degraded answer of the agent `degradedOf` or, without either, after the
   * model's last answer.
   */
  readonly answer?: {
    readonly seq: number
    readonly text?: string
    readonly degradedOf?: string
    readonly fromRecord?: true
  }
  /** The workflow's state, kept for a run that can be resumed. */
  readonly resumable?: object
  /** Approvals that still wait: they are cancelled with the run. */
  readonly approvals: readonly ApprovalId[]
}
