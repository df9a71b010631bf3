import type { JsonObject } from '../json.ts'
import type { RunId } from '../runs/run.ts'

/** Durable events of a run. Each is a row that is written in the transaction of the change that it reports. */
export const EVENT_TYPES = [
  'run.queued',
  'run.started',
  'message.received',
  'principal.represented',
  'cancel.requested',
  'turn.rolled_back',
  'model.routed',
  'model.completed',
  'model.failed',
  'model.reattached',
  'tool.started',
  'tool.completed',
  'tool.failed',
  'approval.requested',
  'approval.voted',
  'approval.escalated',
  'approval.reminded',
  'approval.refused',
  'approval.decided',
  'submission.dropped',
  'message.unread',
  'budget.reached',
  'budget.resumed',
  'budget.changed',
  'budget.degraded',
  'budget.finishing',
  'budget.threshold',
  'models.away',
  'models.returned',
  'context.compacted',
  'agent.handed_off',
  'sub_agent.started',
  'sub_agent.completed',
  'run.forgery_refused',
  'run.completed',
  'run.incomplete',
  'run.failed',
  'run.cancelled',
  'run.expired',
  'run.resumed',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

export interface RunEvent {
  readonly runId: RunId
  /** From 1, without gaps, in the order of the run's transactions. */
  readonly seq: number
  readonly type: EventType
  readonly data: JsonObject
  readonly at: string
}

/**
 * A piece of an answer under way, or the begin of a model call. It is never stored: a later reader reads the stored message. `attempt`
 * counts a hop's tries from 1; text of an earlier attempt is void when a later one begins.
 */
export interface Delta {
  readonly runId: RunId
  readonly type: 'model.started' | 'model.delta'
  readonly step: number
  readonly hop: number
  readonly attempt: number
  readonly text: string
}

/**
 * A delta as a worker sends it. `at` is the place of its text in the answer's, in UTF-16 units: the text so far is sent again when a
 * reader comes. `model.ended`: no more text of this attempt comes, whether or not it has come to an answer.
 */
export interface SentDelta extends Omit<Delta, 'type'> {
  readonly type: Delta['type'] | 'model.ended'
  readonly at: number
}
