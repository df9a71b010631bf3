import type { ApprovalId, DecisionKind } from '../../../../../src/contracts/approvals/approval.ts'
import type { JsonObject } from '../../../../../src/contracts/json.ts'
import type { RunId } from '../../../../../src/contracts/runs/run.ts'
import type { Outsider, PersonName } from './people.ts'

/**
 * What is wrong with a decision itself, whoever sends it at whatever time. `stale`: about other arguments. `unusable`: an edit that does
 * not fit the tool. The others are about the signature: none, made up, of another decision, of another run.
 */
export const FLAWS = ['stale', 'unusable', 'unsigned', 'forged', 'altered', 'other_run'] as const
export type Flaw = (typeof FLAWS)[number]

/** A decision that somebody has sent, and its answer. */
export interface SentDecision {
  /** Its comment, which no other decision has: by it the record shows which decisions counted. */
  readonly nonce: string
  readonly runId: RunId
  readonly approvalId: ApprovalId
  readonly by: PersonName | Outsider
  readonly decision: DecisionKind
  readonly edited: JsonObject | null
  readonly how: 'rest' | 'signal'
  readonly flaw: Flaw | null
  /** The same decision was sent before. */
  readonly isRepeated: boolean
  /** It was sent when the run had been asked to stop, or had ended. */
  readonly isLate: boolean
  readonly answer: Answer
}

/**
 * `accepted`: it is on the record. `sent`: delivered, and nobody has answered. `gone`: there is no run to take it. `unknown`:
 * nobody can say whether it arrived.
 */
export type Answer =
  | { readonly type: 'accepted'; readonly status: string }
  | { readonly type: 'sent' | 'gone' | 'unknown' }
  | { readonly type: 'refused'; readonly code: string }

export type DecisionDraft = Pick<SentDecision, 'by' | 'decision' | 'how' | 'flaw'> & {
  readonly edited?: JsonObject
  readonly isLate?: boolean
}

/** The approval that a decision is about. */
export interface Target {
  readonly id: ApprovalId
  readonly runId: RunId
  readonly workflowId: string
  readonly argumentsSha256: string
}
