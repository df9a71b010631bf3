import { WEBHOOK_LIMITS } from '../../policies/operations/webhooks.ts'
import { newId } from '../../security/new-id.ts'
import { newWebhookSecret } from '../../security/webhooks/webhook-signature.ts'
import { rotateSecret } from '../../store/webhooks/rotate-secret.ts'
import { changeWebhook, deleteWebhook, insertWebhook, listWebhooks } from '../../store/webhooks/webhooks.ts'
import type { Api, ApiContext } from '../context.ts'
import { noQuery } from '../http/paging/paging.schema.ts'
import { onOnePage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { webhookParams } from '../http/requests/ids.schema.ts'
import { requireUrl } from './require-url.ts'
import { requireWebhook } from './require-webhook.ts'
import { toWebhookResource } from './to-webhook-resource.ts'
import {
  changeWebhookBody,
  madeWebhook,
  newWebhookBody,
  rotateBody,
  webhook,
  webhookPage,
} from './webhook.schema.ts'

const tags = ['webhooks']

const createSchema = {
  operationId: 'createWebhook',
  tags,
  summary: "Have a URL told of what happens to this tenant's runs",
  description:
    'Deliveries are signed by Standard Webhooks with the secret that this answers, and repeated for three days until one is answered 2xx.',
  body: newWebhookBody,
  response: { 201: madeWebhook, ...problems(...OF_BODY, 'webhook_url_refused', 'too_many_webhooks') },
}

const listSchema = {
  operationId: 'listWebhooks',
  tags,
  summary: "This tenant's webhooks, newest first, all of them",
  description: 'Without those that runs were started with.',
  querystring: noQuery,
  response: { 200: webhookPage, ...problems() },
}

const getSchema = {
  operationId: 'getWebhook',
  tags,
  summary: 'Get a webhook',
  description: 'The webhook of a run has the id of the run, with `whk_` in the place of `run_`.',
  params: webhookParams,
  querystring: noQuery,
  response: { 200: webhook, ...problems('not_found') },
}

const changeSchema = {
  operationId: 'changeWebhook',
  tags,
  summary: 'Change, disable or enable a webhook',
  params: webhookParams,
  body: changeWebhookBody,
  response: { 200: webhook, ...problems(...OF_BODY, 'webhook_url_refused', 'not_found') },
}

const deleteSchema = {
  operationId: 'deleteWebhook',
  tags,
  summary: 'Delete a webhook, with its log',
  description: 'Nothing more is sent to it, not even what waits to be sent again.',
  params: webhookParams,
  response: { 200: webhook, ...problems('not_found') },
}

const rotateSchema = {
  operationId: 'rotateWebhookSecret',
  tags,
  summary: 'Give a webhook another secret',
  description: `Until those from before expire, deliveries carry a signature by each; at most ${WEBHOOK_LIMITS.secrets} sign at the same time.`,
  params: webhookParams,
  body: rotateBody,
  response: { 200: madeWebhook, ...problems(...OF_BODY, 'not_found') },
}

export function addWebhooks(api: Api, { database, webhookHosts }: ApiContext): void {
  const config = { access: ['admin'] as const }
  const path = '/v1/webhooks/:id'

  api.post('/v1/webhooks', { schema: createSchema, config }, async (request, reply) => {
    const { principal, body } = request
    const { href: url, host } = requireUrl(body.url, webhookHosts)
    const id = newId('whk')
    const secret = newWebhookSecret()
    const { tenant, credential: createdBy } = principal
    const events = [...new Set(body.events)]
    const given = { id, tenant, runId: null, url, host, events, secret, createdBy }
    if (!(await insertWebhook(database, given))) throw new Problem('too_many_webhooks')
    reply.header('location', `/v1/webhooks/${id}`)
    return reply
      .code(201)
      .send({ ...toWebhookResource(await requireWebhook(database, principal, id)), secret })
  })

  api.get('/v1/webhooks', { schema: listSchema, config }, async (request) =>
    onOnePage((await listWebhooks(database, request.principal.tenant)).map(toWebhookResource)),
  )

  api.get(path, { schema: getSchema, config }, async (request) =>
    toWebhookResource(await requireWebhook(database, request.principal, request.params.id)),
  )

  api.patch(path, { schema: changeSchema, config }, async (request) => {
    const { principal, params, body } = request
    const read = body.url === undefined ? null : requireUrl(body.url, webhookHosts)
    const changed = await changeWebhook(database, principal.tenant, params.id, {
      ...(read !== null && { target: { url: read.href, host: read.host } }),
      ...(body.events !== undefined && { events: [...new Set(body.events)] }),
      ...(body.enabled !== undefined && { enabled: body.enabled }),
      by: principal.credential,
    })
    if (changed === null) throw new Problem('not_found')
    return toWebhookResource(changed)
  })

  api.delete(path, { schema: deleteSchema, config }, async (request) => {
    const { principal, params } = request
    const found = await requireWebhook(database, principal, params.id)
    await deleteWebhook(database, principal.tenant, params.id)
    return toWebhookResource(found)
  })

  api.post(`${path}/rotate`, { schema: rotateSchema, config }, async (request) => {
    const { principal, params, body } = request
    const secret = newWebhookSecret()
    const overlapMs = body?.expire_previous_in_ms ?? WEBHOOK_LIMITS.overlapMs
    const { tenant, credential: by } = principal
    await rotateSecret(database, { tenant, id: params.id, secret, overlapMs, by })
    return { ...toWebhookResource(await requireWebhook(database, principal, params.id)), secret }
  })
}
