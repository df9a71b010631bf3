import type { ApprovalId } from './approval.ts'
import type { ErrorCode } from './error-codes.ts'
import type { RunIdentity, RunReason, TerminalStatus, WaitingFor } from './run.ts'

/* A step that no model answers, and the end of a run. */

/** A link of the fallback chain that gave no answer. */
export interface FailedHop {
  readonly hop: number
  readonly model: string
  readonly code: ErrorCode
}

/** That a run waits for models, or waits no longer. `progress` counts the notices, so that each is told once. */
export interface RecordModelWaitInput {
  readonly run: RunIdentity
  readonly progress: number
  /** New ones, oldest first. */
  readonly notices: readonly ModelWaitNotice[]
  readonly step: number
  /** The hops that failed before it began to wait, where that is new. */
  readonly failedHops?: readonly FailedHop[]
  /** Set while the run waits. */
  readonly waits?: Pick<WaitingFor, 'since' | 'until'>
  /** Times that the chain has been tried in vain since it began to wait. */
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
   * Where the answer is: a transcript position, or text of ours that is stored as the answer at `seq`. `fromRecord`: it is made
   * of what the store has of the run, after `text`, after the degraded answer of the agent `degradedOf`, or, without either, after
   * the model's last answer.
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
