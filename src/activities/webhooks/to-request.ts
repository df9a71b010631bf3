import type { DeliveryRound } from '../../contracts/webhooks/delivery.ts'
import { signedHeaders } from '../../security/webhooks/webhook-signature.ts'
import type { DueDelivery } from '../../store/webhooks/due-delivery.ts'
import type { FactRun } from '../../telemetry/facts.ts'
import { webhookSpanId } from '../../telemetry/traces/span-ids.ts'
import { traceparentOf } from '../../telemetry/traces/traceparent.ts'
import type { WebhookRequest } from './webhook-client.ts'

/** A delivery whose webhook takes it. */
export interface Message extends DueDelivery, DeliveryRound {
  readonly webhook: NonNullable<DueDelivery['webhook']>
}

interface Sending {
  readonly atMs: number
  readonly attempt: number
  /** Absent for a report. */
  readonly run?: FactRun | undefined
  readonly sampled: boolean
}

/**
 * The request of an attempt. It says what has happened to which run and nothing of the run itself: who reads it asks the API, with a key.
 * Its id and body are those of the delivery, the same in each attempt.
 */
export function toRequest(message: Message, { atMs, attempt, run, sampled }: Sending): WebhookRequest {
  const { deliveryId, round, type, happenedAt, day, webhook, secrets } = message
  const data = run === undefined ? { day } : { id: run.runId }
  const body = JSON.stringify({ type, timestamp: happenedAt, data })
  return {
    url: webhook.url,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'holdfast',
      ...signedHeaders({ id: deliveryId, timestamp: Math.floor(atMs / 1_000), body }, secrets),
      ...(run !== undefined && {
        traceparent: traceparentOf(
          run.trace.traceId,
          webhookSpanId(run, { deliveryId, round, attempt }),
          sampled,
        ),
      }),
    },
    body,
  }
}
