import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { deliveryPage } from '../../../src/api/webhooks/delivery.schema.ts'
import {
  madeWebhook,
  type WebhookResource,
  webhookPage,
  webhook as webhookSchema,
} from '../../../src/api/webhooks/webhook.schema.ts'
import { newId } from '../../../src/security/new-id.ts'
import { newWebhookSecret } from '../../../src/security/webhooks/webhook-signature.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { get, post, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

interface ProblemBody {
  readonly code: string
  readonly errors?: readonly { readonly pointer: string }[]
}

const { client, starts } = recordingTemporal()
const URL = 'https://hooks.shop.example/holdfast'
let store: TestDatabase
let api: TestApi
let headers: Record<string, string>
/** Whose they are, as the record has it. */
let bob: WebhookResource['created_by']

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, client, 'test', {
    auth: 'keys',
    webhookHosts: ['hooks.internal:8080'],
  })
  const key = await makeKey(store.database, { principal: 'bob' })
  headers = key.headers
  bob = { type: 'key', id: key.id, principal: 'bob' }
})
after(async () => {
  await api.close()
  await store.close()
})

const path = (rest = '') => `${api.url}/v1/webhooks${rest}`
const create = <T = WebhookResource & { secret: string }>(
  url = URL,
  events: readonly string[] = ['run.completed'],
) => post<T>(path(), { url, events }, headers)

/** An event of a run that only the webhooks know of. */
async function endRun(tenant = 'default'): Promise<void> {
  await store.database.query({
    text: `insert into run_events (run_id, seq, tenant, type, data) values ($1, 1, $2, 'run.completed', '{}')`,
    values: [newId('run'), tenant],
  })
}

test('a webhook is made with a secret that is shown once, and changed, rotated and deleted', async () => {
  const made = await create(`${URL}#fragment`, ['run.completed', 'run.failed', 'run.completed'])
  assert.equal(made.status, 201)
  const { secret, ...webhook } = madeWebhook.parse(made.body)
  assert.equal(made.headers.get('location'), `/v1/webhooks/${webhook.id}`)
  assert.deepEqual(
    [webhook.url, webhook.events, webhook.enabled, webhook.created_by, webhook.updated_by, webhook.run_id],
    [URL, ['run.completed', 'run.failed'], true, bob, null, null],
  )
  const found = await get<WebhookResource>(path(`/${webhook.id}`), headers)
  assert.deepEqual(webhookSchema.parse(found.body), webhook)
  assert.deepEqual(webhookPage.parse((await get(path(), headers)).body).data, [webhook])
  assert.ok(!found.text.includes(secret))

  const eve = await makeKey(store.database, { principal: 'eve' })
  const other = { type: 'key', id: eve.id, principal: 'eve' }
  const changed = await send<WebhookResource>(
    'PATCH',
    path(`/${webhook.id}`),
    { enabled: false },
    eve.headers,
  )
  assert.deepEqual(
    [changed.status, changed.body.enabled, changed.body.disabled_reason],
    [200, false, 'caller'],
  )
  assert.deepEqual([changed.body.created_by, changed.body.updated_by], [bob, other])
  const rotated = madeWebhook.parse((await post(path(`/${webhook.id}/rotate`), {}, eve.headers)).body)
  assert.notEqual(rotated.secret, secret)
  assert.deepEqual(
    rotated.secrets.map(({ created_by }) => created_by),
    [other, bob],
  )
  assert.equal((await send('DELETE', path(`/${webhook.id}`), undefined, headers)).status, 200)
  assert.equal((await get(path(`/${webhook.id}`), headers)).status, 404)
})

test('only https to the internet is taken, and what the configuration names', async () => {
  for (const url of [
    'http://hooks.example/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://a:b@c.example/',
    'nonsense',
  ])
    assert.equal((await create<ProblemBody>(url)).body.code, 'webhook_url_refused', url)
  const allowed = await create('http://hooks.internal:8080/x')
  assert.equal(allowed.status, 201)
  const changed = await send<ProblemBody>(
    'PATCH',
    path(`/${allowed.body.id}`),
    { url: 'https://10.0.0.1/' },
    headers,
  )
  assert.deepEqual(
    [changed.status, changed.body.code, changed.body.errors?.[0]?.pointer],
    [422, 'webhook_url_refused', '/url'],
  )
  await send('DELETE', path(`/${allowed.body.id}`), undefined, headers)
})

test('events that there are not, nothing to change, and a tenant with too many are refused', async () => {
  const unknown = await create<ProblemBody>(URL, ['run.started'])
  assert.deepEqual([unknown.status, unknown.body.errors?.[0]?.pointer], [400, '/events/0'])
  const { body } = await create()
  assert.equal((await send('PATCH', path(`/${body.id}`), {}, headers)).status, 400)
  let last = { status: 201, code: '' }
  while (last.status === 201) {
    const made = await create<ProblemBody>()
    last = { status: made.status, code: made.body.code }
  }
  assert.deepEqual(last, { status: 422, code: 'too_many_webhooks' })
  assert.equal(webhookPage.parse((await get(path(), headers)).body).data.length, 50)
})

test('another tenant has no such webhook, whatever it asks, and a key without admin may ask nothing', async () => {
  const other = (await makeKey(store.database, { tenant: 'other' })).headers
  const webhooks = webhookPage.parse((await get(path(), headers)).body).data
  const [webhook] = webhooks
  assert.ok(webhook)
  await endRun()
  const deliveries = deliveryPage.parse((await get(path(`/${webhook.id}/deliveries`), headers)).body).data
  const [delivery] = deliveries
  assert.ok(delivery)

  assert.deepEqual(webhookPage.parse((await get(path(), other)).body).data, [])
  const asked = (key: Record<string, string>) =>
    Promise.all([
      get(path(`/${webhook.id}`), key),
      get(path(`/${webhook.id}/deliveries`), key),
      send('PATCH', path(`/${webhook.id}`), { enabled: false }, key),
      post(path(`/${webhook.id}/rotate`), {}, key),
      post(path(`/${webhook.id}/deliveries/${delivery.id}/redeliver`), {}, key),
      send('DELETE', path(`/${webhook.id}`), undefined, key),
    ])
  for (const { status } of await asked(other)) assert.equal(status, 404)
  const reader = (await makeKey(store.database, { scopes: ['runs:*:all', 'usage:read'] })).headers
  for (const { status } of await asked(reader)) assert.equal(status, 403)
  assert.deepEqual(webhookPage.parse((await get(path(), headers)).body).data, webhooks)

  // A delivery belongs to its webhook.
  const [, another] = webhooks
  const elsewhere = path(`/${another?.id}/deliveries/${delivery.id}/redeliver`)
  assert.equal((await post(elsewhere, {}, headers)).status, 404)
})

test('deliveries are listed in pages, and one that is asked for again is started in a round of its own', async () => {
  const { headers: own } = await makeKey(store.database, { tenant: 'pages' })
  const { body: webhook } = await post<WebhookResource>(path(), { url: URL, events: ['run.completed'] }, own)
  for (let n = 0; n < 4; n += 1) await endRun('pages')
  const page = async (query: string) =>
    deliveryPage.parse((await get(path(`/${webhook.id}/deliveries?${query}`), own)).body)
  const all = (await page('limit=100')).data.map(({ id }) => id)
  assert.equal(all.length, 4)
  const first = await page('limit=3')
  const second = await page(`limit=3&after=${first.next}`)
  assert.deepEqual(
    [...first.data, ...second.data].map(({ id }) => id),
    all,
  )
  assert.deepEqual([first.has_more, second.has_more], [true, false])
  assert.equal((await get(path(`/${webhook.id}/deliveries?after=nonsense`), own)).status, 400)

  const again = await post(path(`/${webhook.id}/deliveries/${all[0]}/redeliver`), {}, own)
  assert.equal(again.status, 202)
  const id = `webhook/${all[0]}/1`
  for (const end = Date.now() + 20_000; !starts.some(({ workflowId }) => workflowId === id); ) {
    assert.ok(Date.now() < end, 'it was not started')
    await new Promise(setImmediate)
  }
})

test('a start may name a webhook of its own, whose secret it chooses', async () => {
  const cid = await makeKey(store.database, { principal: 'cid', scopes: ['runs:write'] })
  const caller = cid.headers
  const start = <T>(webhook: object) =>
    post<T>(`${api.url}/v1/runs`, { agent: 'assistant', input: 'Hello', webhook }, caller)
  const secret = newWebhookSecret()
  const started = await start<{ id: string }>({ url: URL, secret })
  assert.equal(started.status, 202)
  assert.ok(!started.text.includes(secret))
  const id = started.body.id.replace('run_', 'whk_')
  const found = webhookSchema.parse((await get(path(`/${id}`), headers)).body)
  assert.deepEqual([found.run_id, found.events.length], [started.body.id, 7])
  assert.deepEqual(found.created_by, { type: 'key', id: cid.id, principal: 'cid' })
  assert.ok(!webhookPage.parse((await get(path(), headers)).body).data.some((webhook) => webhook.id === id))

  for (const [webhook, status, pointer] of [
    [{ url: 'https://10.0.0.1/', secret }, 422, '/webhook/url'],
    [{ url: URL }, 400, '/webhook/secret'],
    [{ url: URL, secret: 'whsec_short' }, 400, '/webhook/secret'],
    [{ url: URL, secret, events: ['report.daily'] }, 400, '/webhook/events/0'],
  ] as const) {
    const refused = await start<ProblemBody>(webhook)
    assert.deepEqual([refused.status, refused.body.errors?.[0]?.pointer], [status, pointer])
  }
})
