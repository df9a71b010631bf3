import { z } from 'zod'
import { ERROR_CODES, type ErrorCode } from '../../contracts/error-codes.ts'
import { DELIVERY_STATUSES } from '../../contracts/webhooks/delivery.ts'
import { WEBHOOK_EVENTS } from '../../contracts/webhooks/webhook.ts'
import { cursor, limit, pageOf } from '../http/paging/paging.schema.ts'
import { deliveryId, runId, webhookId } from '../http/requests/ids.schema.ts'

const codes = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => code.startsWith('webhook_'))

export const deliveriesQuery = z.strictObject({
  status: z.enum(DELIVERY_STATUSES).optional().describe('The deliveries that have it now.'),
  limit,
  after: cursor,
})

export const delivery = z
  .strictObject({
    id: deliveryId.describe('Its `webhook-id`: the same in each attempt.'),
    object: z.literal('webhook_delivery'),
    webhook_id: webhookId,
    type: z.enum(WEBHOOK_EVENTS),
    run_id: runId.nullable(),
    day: z.iso.date().nullable().describe('Of a report.'),
    happened_at: z.iso.datetime(),
    status: z
      .enum(DELIVERY_STATUSES)
      .describe(
        '`queued`: waits for its turn. `sending`: its first attempt is under way. `retrying`: another attempt follows. `failed`: none does. `dropped`: the webhook was disabled.',
      ),
    next_attempt_at: z.iso.datetime().nullable(),
    attempts: z
      .array(
        z.strictObject({
          at: z.iso.datetime(),
          http_status: z.int().nullable().describe('null: no answer came.'),
          code: z.enum(codes).nullable().describe('null: it has arrived.'),
          duration_ms: z.int(),
        }),
      )
      .describe('The latest ones, the newest first.'),
    created_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WebhookDelivery' })
export type DeliveryResource = z.output<typeof delivery>

export const deliveryPage = pageOf(delivery).meta({ id: 'WebhookDeliveryPage' })
