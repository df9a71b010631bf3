import assert from 'node:assert/strict'
import type { ApprovalResource } from '../../../src/api/approvals/approval.schema.ts'
import type { JsonObject } from '../../../src/contracts/json.ts'
import { type Kind, paymentsIn } from './script.ts'

/** Where a run is that does nothing by itself any more. */
export type Rest = 'approval' | 'budget' | 'turn' | 'completed' | 'incomplete' | 'cancelled'

export const DECISIONS = ['approve', 'reject', 'edit'] as const
export type Decision = (typeof DECISIONS)[number]

/** An approval that somebody was asked for, as it was then. */
export interface ModelApproval {
  readonly asked: Pick<ApprovalResource, 'id' | 'arguments' | 'arguments_sha256'>
  /** null: nobody has decided it. */
  decided: Decision | null
}

/** A run as somebody knows it who has read the documentation. */
export interface ModelRun {
  readonly id: string
  readonly kind: Kind
  readonly thread: ModelThread | null
  rest: Rest
  /** By id: what was said to it. */
  readonly messages: Map<string, string>
  readonly approvals: ModelApproval[]
  /** Notes that must have been taken. */
  notes: number
  /** Arguments of the calls that must have been carried out, once each, in their order. */
  readonly payments: JsonObject[]
}

export interface ModelThread {
  readonly id: string
  /** Runs whose turns have not ended, in their order: the first is in flight. */
  readonly turns: ModelRun[]
}

export interface Model {
  readonly runs: ModelRun[]
  readonly started: Map<string, ModelRun>
  readonly threads: ModelThread[]
}

export function emptyModel(): Model {
  return { runs: [], started: new Map(), threads: [] }
}

export const hasEnded = ({ rest }: ModelRun) => ['completed', 'incomplete', 'cancelled'].includes(rest)

/** Where a run of each kind gets by itself once it has begun. */
export const FIRST_REST: Readonly<Record<Kind, Rest>> = {
  note: 'completed',
  pay: 'approval',
  pay_twice: 'approval',
  short: 'budget',
  cut: 'incomplete',
}

/** Where a run gets once its last approval is decided. */
export function restAfterDecision({ kind, approvals }: ModelRun): Rest {
  return approvals.length < paymentsIn(kind).length ? 'approval' : 'completed'
}

/** One of several, by a number of any size. */
export function pick<T>(list: readonly T[], at: number): T {
  const found = list[at % list.length]
  assert.ok(found !== undefined, 'there is nothing to pick from')
  return found
}
