import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DeliveryResource } from '../../../src/api/webhooks/delivery.schema.ts'
import type { WebhookResource } from '../../../src/api/webhooks/webhook.schema.ts'
import type { WebhookEvent } from '../../../src/contracts/webhooks/webhook.ts'
import { newWebhookSecret } from '../../../src/security/webhooks/webhook-signature.ts'
import type { FactOf } from '../../../src/telemetry/facts.ts'
import { createTelemetry, type FactSink } from '../../../src/telemetry/telemetry.ts'
import { get, post, send } from '../../api/support/post.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from '../runs/support/caller.ts'
import { type Receiver, signaturesBy, startReceiver } from './support/receiver.ts'

type MadeWebhook = WebhookResource & { readonly secret: string }

const facts: FactOf<'webhook.attempted'>[] = []
const sink: FactSink = { take: (fact) => void (fact.type === 'webhook.attempted' && facts.push(fact)) }

let hooks: Receiver
/** Answers 500 once, then 204. */
let failing: Receiver
let gone: Receiver
/** Takes requests and never answers. */
let stuck: Receiver
let system: Environment
let caller: Caller

before(async () => {
  hooks = await startReceiver()
  failing = await startReceiver((response, before) => void response.writeHead(before === 0 ? 500 : 204).end())
  gone = await startReceiver((response) => void response.writeHead(410).end())
  stuck = await startReceiver(() => undefined)
  system = await startEnvironment({
    telemetry: createTelemetry([sink]),
    webhookHosts: [hooks, failing, gone, stuck].map(({ host }) => host),
  })
  caller = createCaller(system.service.url)
})
after(async () => {
  await system.close()
  for (const receiver of [hooks, failing, gone, stuck]) await receiver.close()
})

async function createWebhook(
  url: string,
  events: readonly WebhookEvent[] = ['run.completed'],
): Promise<MadeWebhook> {
  const { status, body } = await post<MadeWebhook>(caller.v1('/webhooks'), { url, events })
  assert.equal(status, 201)
  return body
}

const removeWebhook = ({ id }: { readonly id: string }) => caller.remove(`/webhooks/${id}`)
const start = async (more: object = {}) =>
  (await caller.start({ agent: 'assistant', input: 'Hello', ...more })).body.id
const logOf = async (id: string) =>
  (await get<{ data: DeliveryResource[] }>(caller.v1(`/webhooks/${id}/deliveries`))).body.data

/** The deliveries once all have this status. */
async function untilAll(id: string, status: DeliveryResource['status']): Promise<DeliveryResource[]> {
  for (const end = Date.now() + 60_000; ; await new Promise(setImmediate)) {
    const log = await logOf(id)
    if (log.length > 0 && log.every((delivery) => delivery.status === status)) return log
    assert.ok(Date.now() < end, JSON.stringify(log))
  }
}

test('a run that ends is told once, signed, and says nothing but which run it was', async () => {
  const webhook = await createWebhook(hooks.url)
  const runId = await start()
  const [request] = await hooks.count(1)
  assert.ok(request)
  assert.deepEqual(signaturesBy(webhook.secret, request), [true])
  const { timestamp, ...rest } = JSON.parse(request.body)
  assert.deepEqual(rest, { type: 'run.completed', data: { id: runId } })
  assert.equal(timestamp, (await caller.events(runId)).at(-1)?.at)
  assert.equal(request.headers['content-type'], 'application/json')
  const sentAt = Number(request.headers['webhook-timestamp'])
  assert.ok(Math.abs(Date.now() / 1_000 - sentAt) < 60)

  const [delivery] = await untilAll(webhook.id, 'delivered')
  assert.equal(delivery?.id, request.id)
  assert.deepEqual(
    delivery.attempts.map(({ http_status, code }) => [http_status, code]),
    [[204, null]],
  )
  assert.equal(hooks.received.length, 1)
  const [fact] = facts
  assert.deepEqual([fact?.outcome, fact?.attempt, fact?.run?.runId], ['delivered', 1, runId])
  assert.equal(
    request.headers['traceparent']?.toString().split('-')[1],
    fact?.run?.trace.traceId,
    'who gets it can go on with the trace of the run',
  )
  await removeWebhook(webhook)
})

test('a run has a webhook of its own, with the secret that its caller has chosen', async () => {
  const seen = hooks.received.length
  const secret = newWebhookSecret()
  const given = {
    headers: { 'idempotency-key': 'own-webhook' },
    body: { webhook: { url: hooks.url, secret } },
  }
  const body = { agent: 'assistant', input: 'Hello', ...given.body }
  const first = await caller.start(body, given.headers)
  const again = await caller.start(body, given.headers)
  assert.equal(again.body.id, first.body.id)
  await start()
  await caller.untilEnd(first.body.id)
  const request = (await hooks.count(seen + 1))[seen]
  assert.ok(request)
  assert.deepEqual(signaturesBy(secret, request), [true])
  assert.equal(JSON.parse(request.body).data.id, first.body.id)
  const id = first.body.id.replace('run_', 'whk_')
  assert.equal((await untilAll(id, 'delivered')).length, 1)
  assert.equal((await get<WebhookResource>(caller.v1(`/webhooks/${id}`))).body.run_id, first.body.id)
  assert.ok(!JSON.stringify(await caller.run(first.body.id)).includes('whsec_'))
})

test('what was answered 500 is sent again, under the same id and with the time of the attempt', async () => {
  const webhook = await createWebhook(failing.url)
  await start()
  const [first, second] = await failing.count(2)
  assert.ok(first && second)
  assert.equal(first.id, second.id)
  assert.equal(first.body, second.body)
  assert.ok(Number(second.headers['webhook-timestamp']) > Number(first.headers['webhook-timestamp']))
  assert.deepEqual(signaturesBy(webhook.secret, second), [true])
  const [delivery] = await untilAll(webhook.id, 'delivered')
  assert.deepEqual(
    delivery?.attempts.map(({ http_status, code }) => [http_status, code]),
    [
      [204, null],
      [500, 'webhook_refused'],
    ],
  )
  await removeWebhook(webhook)
})

test('410 disables the webhook, and nothing more is sent to it until it is enabled', async () => {
  const webhook = await createWebhook(gone.url)
  await start()
  await gone.count(1)
  const [delivery] = await untilAll(webhook.id, 'failed')
  assert.equal(delivery?.attempts[0]?.code, 'webhook_gone')
  const { body: disabled } = await get<WebhookResource>(caller.v1(`/webhooks/${webhook.id}`))
  assert.deepEqual([disabled.enabled, disabled.disabled_reason], [false, 'gone'])
  await caller.untilEnd(await start())
  assert.equal((await logOf(webhook.id)).length, 1)

  const again = `/webhooks/${webhook.id}/deliveries/${delivery.id}/redeliver`
  const refused = await post<{ code: string }>(caller.v1(again), {})
  assert.deepEqual([refused.status, refused.body.code], [409, 'webhook_disabled'])
  await send('PATCH', caller.v1(`/webhooks/${webhook.id}`), { enabled: true })
  await start()
  await gone.count(2)
  await removeWebhook(webhook)
})

test('while two secrets are live, deliveries are signed with both', async () => {
  const seen = hooks.received.length
  const webhook = await createWebhook(hooks.url)
  const rotated = await post<MadeWebhook>(caller.v1(`/webhooks/${webhook.id}/rotate`), {})
  assert.equal(rotated.status, 200)
  await start()
  const both = (await hooks.count(seen + 1))[seen]
  assert.ok(both)
  assert.deepEqual(signaturesBy(rotated.body.secret, both), [true, false])
  assert.deepEqual(signaturesBy(webhook.secret, both), [false, true])

  const last = await post<MadeWebhook>(caller.v1(`/webhooks/${webhook.id}/rotate`), {
    expire_previous_in_ms: 0,
  })
  await start()
  const one = (await hooks.count(seen + 2))[seen + 1]
  assert.ok(one)
  assert.deepEqual(signaturesBy(last.body.secret, one), [true])
  await removeWebhook(webhook)
})

test('a delivery is sent again when somebody asks for it, under its id', async () => {
  const seen = hooks.received.length
  const webhook = await createWebhook(hooks.url)
  await start()
  await hooks.count(seen + 1)
  const [delivery] = await untilAll(webhook.id, 'delivered')
  assert.ok(delivery)
  const path = `/webhooks/${webhook.id}/deliveries/${delivery.id}/redeliver`
  const asked = await post<DeliveryResource>(caller.v1(path), {})
  assert.deepEqual([asked.status, asked.body.status], [202, 'queued'])
  const requests = await hooks.count(seen + 2)
  assert.equal(requests[seen]?.id, requests[seen + 1]?.id)
  const [after] = await untilAll(webhook.id, 'delivered')
  assert.equal(after?.attempts.length, 2)
  await removeWebhook(webhook)
})

test('an endpoint that never answers keeps neither runs nor other endpoints waiting', async () => {
  const seen = hooks.received.length
  const slow = await createWebhook(stuck.url)
  const quick = await createWebhook(hooks.url)
  const runs = 30
  await Promise.all(Array.from({ length: runs }, () => start()))
  await hooks.count(seen + runs)
  const held = stuck.received.length
  assert.ok(held > 0 && held <= 8, `${held} requests at once to one host`)
  // More than the endpoint takes at once, and a worker has room for runs all the same.
  const began = performance.now()
  await caller.untilEnd(await start())
  const tookMs = performance.now() - began
  assert.ok(tookMs < 5_000, `a run took ${tookMs} ms`)
  const waiting = (await logOf(slow.id)).filter(({ status }) => status === 'queued' || status === 'sending')
  assert.ok(waiting.length >= 20, 'they wait in the store')
  await removeWebhook(slow)
  await removeWebhook(quick)
})
