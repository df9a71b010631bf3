import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { plainScript } from '../../../src/testing/plain-script.ts'
import { post } from '../../api/support/post.ts'
import { type ChaosSystem, startChaosSystem } from '../chaos/support/chaos-system.ts'
import { type Receiver, startReceiver } from '../webhooks/support/receiver.ts'
import { type BuildCopy, COMPATIBLE, copyBuild } from './support/build-copy.ts'
import { createTestFleet, type TestFleet, THIS_BUILD } from './support/test-fleet.ts'

/** Answers 500 once, then 204. */
let hooks: Receiver
let system: ChaosSystem
let fleet: TestFleet
let newer: BuildCopy

before(async () => {
  newer = copyBuild(COMPATIBLE)
  hooks = await startReceiver((response, before) => void response.writeHead(before === 0 ? 500 : 204).end())
  system = await startChaosSystem(plainScript, { webhookHosts: [hooks.host] })
  fleet = createTestFleet(system.temporal)
})
after(async () => {
  await system?.close()
  await hooks?.close()
  newer?.remove()
})

test('a delivery that waits for its next attempt goes on on the build that is current by then', async () => {
  const { caller, startWorker } = system
  const variables = { ...fleet.pinned, HOLDFAST_WEBHOOK_HOSTS: hooks.host }
  const [older] = await Promise.all([
    startWorker(undefined, variables),
    startWorker(undefined, variables, newer.program),
  ])
  await fleet.promote(THIS_BUILD)
  const { status } = await post(caller.v1('/webhooks'), { url: hooks.url, events: ['run.completed'] })
  assert.equal(status, 201)
  await caller.start({ agent: 'clerk', input: 'Hello' })
  const [first] = await hooks.count(1)
  await fleet.promote(newer.program)
  await older.kill()
  const [, second] = await hooks.count(2)
  assert.equal(second?.id, first?.id)
})
