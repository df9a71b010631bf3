import type { JsonObject } from './json.ts'
import type { RunId } from './run.ts'
import type { Effect } from './tool.ts'

export type ApprovalId = `apr_${string}`

export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected', 'expired', 'cancelled'] as const
export type ApprovalStatus = (typeof APPROVAL_STATUSES)[number]

/**
 * Why a person is asked: a rule of the policy wants it (`policy`), or a call that must not be repeated may or may not have
 * happened (`outcome_unknown`; approving it means "call again", rejecting it "leave it").
 */
export type ApprovalCause = 'policy' | 'outcome_unknown'

/** A person's (or program's) answer to one approval, bound to the arguments it was shown. */
export interface ApprovalDecision {
  readonly approvalId: ApprovalId
  readonly decision: 'approve' | 'reject'
  readonly argumentsSha256: string
  /** Told to the model when rejecting. */
  readonly message?: string
  /** For the record only. */
  readonly comment?: string
  readonly by: string
}

/** What became of an approval: a decision, or time or the run's end in its place. */
export interface ApprovalOutcome {
  readonly status: Exclude<ApprovalStatus, 'pending'>
  readonly by: string
  readonly at: string
  readonly message?: string
  readonly comment?: string
}

/** An approval as the store keeps it and the inbox shows it. */
export interface Approval {
  readonly id: ApprovalId
  readonly runId: RunId
  readonly tenant: string
  readonly agent: string
  readonly tool: string
  readonly effect: Effect
  readonly step: number
  readonly index: number
  readonly arguments: JsonObject
  readonly argumentsSha256: string
  readonly cause: ApprovalCause
  /** Name of the rule that asked. */
  readonly rule: string
  readonly status: ApprovalStatus
  readonly requestedAt: string
  readonly expiresAt: string
  readonly outcome: ApprovalOutcome | null
}
