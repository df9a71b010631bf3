import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDeliverySlots } from '../../../src/activities/webhooks/delivery-slots.ts'
import { WEBHOOKS } from '../../../src/policies/operations/webhooks.ts'
import { WORKER } from '../../../src/policies/worker.ts'

const SMALL = { host: 2, tenant: 3, worker: 4 } as unknown as typeof WEBHOOKS.atOnce

test('a slow host takes its own slots and leaves those of others', () => {
  const slots = createDeliverySlots(SMALL)
  const [first] = [slots.take('acme', 'slow:443'), slots.take('acme', 'slow:443')]
  assert.ok(first)
  assert.equal(slots.take('acme', 'slow:443'), null)
  assert.ok(slots.take('other', 'slow:443'))
  assert.ok(slots.take('acme', 'quick:443'))
  assert.equal(slots.take('acme', 'third:443'), null, 'one of the tenant is too many')
  assert.equal(slots.take('third', 'quick:443'), null, 'one in all is too many')
  first[Symbol.dispose]()
  assert.ok(slots.take('acme', 'slow:443'))
})

test('what was refused holds nothing', () => {
  const slots = createDeliverySlots(SMALL)
  const taken = [slots.take('acme', 'a:1'), slots.take('acme', 'a:1')]
  for (let times = 0; times < 10; times += 1) assert.equal(slots.take('acme', 'a:1'), null)
  for (const slot of taken) slot?.[Symbol.dispose]()
  assert.ok(slots.take('acme', 'a:1'))
  assert.ok(slots.take('acme', 'a:1'))
})

test('webhooks leave most of a worker to runs', () => {
  assert.ok(WEBHOOKS.atOnce.worker <= WORKER.maxConcurrentActivities / 4)
  assert.ok(WEBHOOKS.atOnce.host < WEBHOOKS.atOnce.tenant && WEBHOOKS.atOnce.tenant < WEBHOOKS.atOnce.worker)
})
