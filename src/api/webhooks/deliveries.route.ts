import { z } from 'zod'
import { listDeliveries, redeliver } from '../../store/webhooks/deliveries.ts'
import type { Api, ApiContext } from '../context.ts'
import { decodeCursor, encodeCursor } from '../http/paging/cursor.ts'
import { firstOf, toPage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { deliveryParams, webhookParams } from '../http/requests/ids.schema.ts'
import { deliveriesQuery, delivery, deliveryPage } from './delivery.schema.ts'
import { requireWebhook } from './require-webhook.ts'
import { toDeliveryResource } from './to-delivery-resource.ts'

const listSchema = {
  operationId: 'listWebhookDeliveries',
  tags: ['webhooks'],
  summary: 'What a webhook was told, newest first',
  description: 'Deliveries stay here for 30 days after they have ended.',
  params: webhookParams,
  querystring: deliveriesQuery,
  response: { 200: deliveryPage, ...problems('not_found', 'invalid_cursor') },
}

const redeliverSchema = {
  operationId: 'redeliver',
  tags: ['webhooks'],
  summary: 'Deliver once more, now',
  description:
    'Under the same `webhook-id`, by which the endpoint knows what it has had. A delivery that waits for its next attempt is attempted at once.',
  params: deliveryParams,
  body: z.strictObject({}).optional(),
  response: {
    202: delivery,
    ...problems(...OF_BODY, 'not_found', 'webhook_disabled'),
  },
}

export function addWebhookDeliveries(api: Api, { database }: ApiContext): void {
  const config = { access: ['admin'] as const }

  api.get('/v1/webhooks/:id/deliveries', { schema: listSchema, config }, async (request) => {
    const { principal, params, query } = request
    await requireWebhook(database, principal, params.id)
    const { status, limit, after } = query
    const rows = await listDeliveries(database, {
      tenant: principal.tenant,
      webhookId: params.id,
      ...(status !== undefined && { status }),
      ...(after !== undefined && { before: decodeCursor('whd', after) }),
      limit,
    })
    return toPage(firstOf(rows, limit), toDeliveryResource, encodeCursor)
  })

  const path = '/v1/webhooks/:id/deliveries/:delivery_id/redeliver'
  api.post(path, { schema: redeliverSchema, config }, async (request, reply) => {
    const { principal, params } = request
    const { disabledAt } = await requireWebhook(database, principal, params.id)
    if (disabledAt !== null) throw new Problem('webhook_disabled')
    const queued = await redeliver(database, {
      tenant: principal.tenant,
      webhookId: params.id,
      id: params.delivery_id,
    })
    if (queued === null) throw new Problem('not_found')
    return reply.code(202).send(toDeliveryResource(queued))
  })
}
