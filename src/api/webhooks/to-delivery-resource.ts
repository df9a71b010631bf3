import type { Delivery } from '../../contracts/webhooks/delivery.ts'
import type { DeliveryResource } from './delivery.schema.ts'

export function toDeliveryResource(delivery: Delivery): DeliveryResource {
  return {
    id: delivery.id,
    object: 'webhook_delivery',
    webhook_id: delivery.webhookId,
    type: delivery.type,
    run_id: delivery.runId,
    day: delivery.day,
    happened_at: delivery.happenedAt,
    status: delivery.status,
    next_attempt_at: delivery.nextAttemptAt,
    attempts: delivery.attempts.map(({ at, httpStatus, code, durationMs }) => ({
      at,
      http_status: httpStatus,
      code,
      duration_ms: durationMs,
    })),
    created_at: delivery.createdAt,
    ended_at: delivery.endedAt,
  }
}
