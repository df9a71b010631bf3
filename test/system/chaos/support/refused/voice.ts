import type { ApprovalId, DecisionKind } from '../../../../../src/contracts/approval.ts'
import type { JsonObject } from '../../../../../src/contracts/json.ts'
import type { RunId } from '../../../../../src/contracts/run.ts'
import type { Outsider, PersonName } from './people.ts'

/**
 * What is wrong with a decision in itself, whoever says it when. `stale`: about other arguments. `unusable`: an edit to what
 * nobody may have. The others are about the signature: none, made up, of other words, of another run.
 */
export const FLAWS = ['stale', 'unusable', 'unsigned', 'forged', 'altered', 'other_run'] as const
export type Flaw = (typeof FLAWS)[number]

/** One decision that somebody sent, and what they were told. */
export interface Voice {
  /** Its comment, like no other's: by it the record shows which decisions counted. */
  readonly nonce: string
  readonly runId: RunId
  readonly approvalId: ApprovalId
  readonly by: PersonName | Outsider
  readonly decision: DecisionKind
  readonly edited: JsonObject | null
  readonly how: 'rest' | 'signal'
  readonly flaw: Flaw | null
  /** Said once before, word for word. */
  readonly isRepeated: boolean
  /** Said when the run had been asked to stop, or had ended. */
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

export type Words = Pick<Voice, 'by' | 'decision' | 'how' | 'flaw'> & {
  readonly edited?: JsonObject
  readonly isLate?: boolean
}

/** What a decision is about. */
export interface Target {
  readonly id: ApprovalId
  readonly runId: RunId
  readonly workflowId: string
  readonly argumentsSha256: string
}
