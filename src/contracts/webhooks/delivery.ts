import type { ErrorCode } from '../error-codes.ts'
import type { RunId } from '../runs/run.ts'
import type { DeliveryId, WebhookEvent, WebhookId } from './webhook.ts'

export const DELIVERY_STATUSES = [
  /** Waits for its turn at its host. */
  'queued',
  /** Its first attempt is under way. */
  'sending',
  /** An attempt has failed, and another one follows. */
  'retrying',
  'delivered',
  /** The last attempt has failed. */
  'failed',
  /** Not sent any more: the webhook is disabled. */
  'dropped',
] as const
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** How an attempt ended. Times are RFC 3339. */
export interface DeliveryAttempt {
  readonly at: string
  /** null where no answer came. */
  readonly httpStatus: number | null
  /** null for a delivery. */
  readonly code: ErrorCode | null
  readonly durationMs: number
}

/** Something that one webhook is told. */
export interface Delivery {
  readonly id: DeliveryId
  readonly webhookId: WebhookId
  readonly type: WebhookEvent
  /** The run that it tells of; null for a report. */
  readonly runId: RunId | null
  /** The day of a report, `YYYY-MM-DD`. */
  readonly day: string | null
  readonly happenedAt: string
  readonly status: DeliveryStatus
  readonly nextAttemptAt: string | null
  readonly createdAt: string
  readonly endedAt: string | null
  /** The latest ones, the newest first. */
  readonly attempts: readonly DeliveryAttempt[]
}

/** A delivery, and how often somebody has asked for it again: each round is a workflow of its own. */
export interface DeliveryRound {
  readonly deliveryId: DeliveryId
  readonly round: number
}

export interface AttemptedWebhook {
  /** When the next attempt is due; null where none follows. */
  readonly retryAfterMs: number | null
}
