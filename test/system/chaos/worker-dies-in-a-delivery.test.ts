import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DeliveryResource } from '../../../src/api/webhooks/delivery.schema.ts'
import type { WebhookResource } from '../../../src/api/webhooks/webhook.schema.ts'
import { plainScript } from '../../../src/testing/plain-script.ts'
import { get, post } from '../../api/support/post.ts'
import { type Receiver, startReceiver } from '../webhooks/support/receiver.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'

const RUNS = 5

/** Keeps the first requests without an answer, so that their worker can be killed in the middle of the attempts. */
let hooks: Receiver
let system: ChaosSystem

before(async () => {
  hooks = await startReceiver((response, before) => {
    if (before >= RUNS) response.writeHead(204).end()
  })
  system = await startChaosSystem(plainScript, { webhookHosts: [hooks.host] })
})
after(async () => {
  await system.close()
  await hooks.close()
})

test('a worker is killed while it delivers: each event arrives under one id, once more where its answer was lost', async () => {
  const { caller, startWorker } = system
  const variables = { HOLDFAST_WEBHOOK_HOSTS: hooks.host }
  const { body: webhook } = await post<WebhookResource>(caller.v1('/webhooks'), {
    url: hooks.url,
    events: ['run.completed'],
  })
  const doomed = await startWorker(undefined, variables)
  const runs = await Promise.all(
    Array.from(
      { length: RUNS },
      async () => (await caller.start({ agent: 'clerk', input: 'Hello' })).body.id,
    ),
  )
  await hooks.count(RUNS)
  await doomed.kill()
  await startWorker(undefined, variables)
  const received = await hooks.count(2 * RUNS)

  const lost = received.slice(0, RUNS).map(({ id }) => id)
  const answered = received.slice(RUNS).map(({ id }) => id)
  assert.deepEqual(answered.toSorted(), lost.toSorted())
  assert.equal(new Set(answered).size, RUNS)
  assert.deepEqual(
    received
      .slice(RUNS)
      .map(({ body }) => JSON.parse(body).data.id)
      .toSorted(),
    runs.toSorted(),
  )
  const log = async () =>
    (await get<{ data: DeliveryResource[] }>(caller.v1(`/webhooks/${webhook.id}/deliveries`))).body.data
  for (const end = Date.now() + 20_000; (await log()).some(({ status }) => status !== 'delivered'); ) {
    assert.ok(Date.now() < end, JSON.stringify(await log()))
  }
  assert.equal((await log()).length, RUNS)
  assert.equal(received.length, 2 * RUNS)
})
