import type { ApprovalId } from '../approvals/approval.ts'
import type { BudgetReached } from '../budgets/budget.ts'
import type { RunUsage } from '../models/usage.ts'
import type { ThreadId, ThreadPlace } from '../threads/thread.ts'
import type { RunTrace } from './run-trace.ts'

/** `run_` and 26 characters that sort by time of creation. */
export type RunId = `run_${string}`

export const RUN_STATUSES = [
  'queued',
  'in_progress',
  'requires_action',
  'completed',
  'incomplete',
  'failed',
  'cancelled',
  'expired',
] as const
export type RunStatus = (typeof RUN_STATUSES)[number]

/** Statuses of a run that has ended and does not change by itself. Some `incomplete` runs can be resumed. */
export const TERMINAL_STATUSES = ['completed', 'incomplete', 'failed', 'cancelled', 'expired'] as const
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number]

export function isTerminal(status: RunStatus): status is TerminalStatus {
  return (TERMINAL_STATUSES as readonly string[]).includes(status)
}

/** Why a run has the status it has, where the status alone leaves the question open. */
export const RUN_REASONS = [
  'approval',
  'max_steps',
  'max_output_tokens',
  'output_invalid',
  'deadline',
  'approval_expired',
  'refusal',
  'budget',
  'models_unavailable',
  'model_price_unknown',
  'model_key_missing',
  'context_too_long',
  'request_refused',
  'cancel_requested',
  'terminated',
  'internal_error',
] as const
export type RunReason = (typeof RUN_REASONS)[number]

/** Reasons with which an `incomplete` run can be resumed. A request that no model takes would be the same again, so it needs a new run. */
export const RESUMABLE_REASONS = [
  'models_unavailable',
  'model_price_unknown',
  'model_key_missing',
  'budget',
  'max_steps',
  'output_invalid',
] as const satisfies RunReason[]

/** Whose tasks are dispatched first where tasks wait: 1 before 5. Numbers as Temporal has them. */
export const PRIORITIES = [1, 2, 3, 4, 5] as const
export type RunPriority = (typeof PRIORITIES)[number]
export const USUAL_PRIORITY: RunPriority = 3

/** Whom a run belongs to and acts for. Every activity gets it; the model never sees it. */
export interface RunIdentity {
  readonly runId: RunId
  readonly tenant: string
  readonly principal: string
  /** Groups of the principal; absent where there are none. */
  readonly groups?: readonly string[]
  /** The run that started this one as its sub-agent; absent for a run that was started through the API. */
  readonly parentRunId?: RunId
  /** The store's; whatever an activity's input says here is replaced before the activity sees it. */
  readonly trace?: RunTrace
  /** The store's as well; absent for a run without a thread. */
  readonly thread?: ThreadPlace
}

/** What a person or program has to do before the run goes on. */
export type RequiredAction =
  /** Approvals of the run and of its sub-agents. */
  | { readonly type: 'approval'; readonly approvals: readonly ApprovalId[] }
  | { readonly type: 'budget'; readonly reached: BudgetReached; readonly expiresAt: string }

/** What a run waits for without any action of a person. Times are RFC 3339. */
export type WaitingFor =
  | ({ readonly type: 'models' } & ModelsWait)
  /** Turns before its own in its thread. */
  | { readonly type: 'thread'; readonly threadId: ThreadId; readonly since: string }

/** The run ends at `until` if no model has answered by then. */
export interface ModelsWait {
  readonly since: string
  readonly until: string
}

/** The result of a finished workflow. It is small, since the answer is in the store. */
export interface AgentRunResult {
  readonly status: TerminalStatus
  readonly reason?: RunReason
  readonly steps: number
  readonly usage: RunUsage
}
