import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import pino from 'pino'
import { createAttemptWebhook } from '../../../src/activities/webhooks/attempt-webhook.ts'
import type {
  WebhookAnswer,
  WebhookClient,
  WebhookRequest,
} from '../../../src/activities/webhooks/webhook-client.ts'
import type { AttemptedWebhook, DeliveryRound } from '../../../src/contracts/webhooks/delivery.ts'
import { WEBHOOKS } from '../../../src/policies/operations/webhooks.ts'
import { newId } from '../../../src/security/new-id.ts'
import { claimDeliveries } from '../../../src/store/webhooks/claim-deliveries.ts'
import { listDeliveries } from '../../../src/store/webhooks/deliveries.ts'
import { changeWebhook, type NewWebhook } from '../../../src/store/webhooks/webhooks.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { putWebhook } from '../../store/webhooks/support/put-webhook.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

/** A worker whose endpoints answer when and what the test says. */
function workerWith(answer: (request: WebhookRequest) => Promise<WebhookAnswer>) {
  const posted: WebhookRequest[] = []
  const webhooks: WebhookClient = {
    post(request) {
      posted.push(request)
      return answer(request)
    },
    close: async () => undefined,
  }
  const attemptWebhook = createAttemptWebhook({
    database: store.database,
    telemetry: NO_TELEMETRY,
    webhooks,
    logger: pino({ level: 'silent' }),
  })
  const attempt = (delivery: DeliveryRound): Promise<AttemptedWebhook> =>
    new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(attemptWebhook, delivery)
  return { posted, attempt }
}

/** Deliveries whose first attempt is due. */
async function due(count: number, given: Partial<NewWebhook> = {}) {
  const webhook = await putWebhook(store.database, given)
  for (let n = 0; n < count; n += 1) {
    await store.database.query({
      text: `insert into run_events (run_id, seq, tenant, type, data) values ($1, 1, $2, 'run.failed', '{}')`,
      values: [newId('run'), webhook.tenant],
    })
  }
  const deliveries = (await claimDeliveries(store.database)).map(({ deliveryId, round }) => ({
    deliveryId,
    round,
  }))
  assert.equal(deliveries.length, count)
  return { webhook, deliveries }
}

const statusesOf = async ({ tenant, id: webhookId }: NewWebhook) =>
  (await listDeliveries(store.database, { tenant, webhookId, limit: 100 }))
    .map(({ status }) => status)
    .toSorted()

test('a slot is held until its attempt is over: further attempts at the host come back later, and count as none', async () => {
  const { webhook, deliveries } = await due(WEBHOOKS.atOnce.host + 2, { tenant: 'slots' })
  const answered = Promise.withResolvers<WebhookAnswer>()
  const full = Promise.withResolvers<void>()
  const { posted, attempt } = workerWith(() => {
    if (posted.length === WEBHOOKS.atOnce.host) full.resolve()
    return answered.promise
  })
  const held = deliveries.slice(0, WEBHOOKS.atOnce.host).map(attempt)
  await full.promise
  for (const delivery of deliveries.slice(WEBHOOKS.atOnce.host)) {
    const { retryAfterMs } = await attempt(delivery)
    assert.ok(
      retryAfterMs !== null && Math.abs(retryAfterMs - WEBHOOKS.busyMs) <= WEBHOOKS.busyMs * WEBHOOKS.jitter,
    )
  }
  assert.equal(posted.length, WEBHOOKS.atOnce.host)
  answered.resolve({ status: 204, retryAfter: null })
  assert.deepEqual(
    new Set((await Promise.all(held)).map(({ retryAfterMs }) => retryAfterMs)),
    new Set([null]),
  )
  for (const delivery of deliveries.slice(WEBHOOKS.atOnce.host)) await attempt(delivery)
  assert.equal(posted.length, deliveries.length)
  assert.deepEqual(new Set(await statusesOf(webhook)), new Set(['delivered']))
})

test('an attempt that is not due is not made, whoever asks for it', async () => {
  const { deliveries } = await due(1, { tenant: 'early' })
  const [delivery] = deliveries
  assert.ok(delivery)
  const { posted, attempt } = workerWith(async () => ({ status: 500, retryAfter: null }))
  const { retryAfterMs } = await attempt(delivery)
  assert.ok(retryAfterMs !== null && retryAfterMs >= 4_000)
  const early = await attempt(delivery)
  assert.ok(early.retryAfterMs !== null && early.retryAfterMs > 0 && early.retryAfterMs <= retryAfterMs)
  assert.deepEqual(await attempt({ ...delivery, round: 1 }), { retryAfterMs: null })
  assert.equal(posted.length, 1)
})

test('the last attempt ends the delivery', async () => {
  const { webhook, deliveries } = await due(1, { tenant: 'last' })
  const [delivery] = deliveries
  assert.ok(delivery)
  const { attempt } = workerWith(async () => ({ code: 'webhook_timed_out', cause: null }))
  await store.database.query({
    text: `update webhook_deliveries set attempts = $1 where tenant = 'last'`,
    values: [WEBHOOKS.attempts - 1],
  })
  assert.deepEqual(await attempt(delivery), { retryAfterMs: null })
  assert.deepEqual(await statusesOf(webhook), ['failed'])
})

test('nothing is sent to a webhook that is disabled: what waits for it is dropped', async () => {
  const { webhook, deliveries } = await due(1, { tenant: 'off' })
  const [delivery] = deliveries
  assert.ok(delivery)
  await changeWebhook(store.database, 'off', webhook.id, { enabled: false, by: null })
  const { posted, attempt } = workerWith(() => assert.fail('sent'))
  assert.deepEqual(await attempt(delivery), { retryAfterMs: null })
  assert.deepEqual([posted.length, await statusesOf(webhook)], [0, ['dropped']])
})

test('a report is told by its day', async () => {
  const webhook = await putWebhook(store.database, { tenant: 'report' })
  await store.database.query({
    text: `insert into daily_reports (tenant, day, format, report, made_at) values ('report', '2026-11-26', 1, '{}', now())`,
  })
  const [delivery] = await claimDeliveries(store.database)
  assert.ok(delivery)
  const { posted, attempt } = workerWith(async () => ({ status: 200, retryAfter: null }))
  await attempt({ deliveryId: delivery.deliveryId, round: 0 })
  const { timestamp: _, ...body } = JSON.parse(posted[0]?.body ?? '')
  assert.deepEqual(body, { type: 'report.daily', data: { day: '2026-11-26' } })
  assert.equal(posted[0]?.headers['traceparent'], undefined)
  assert.deepEqual(await statusesOf(webhook), ['delivered'])
})
