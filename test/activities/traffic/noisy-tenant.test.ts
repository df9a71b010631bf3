import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBulkheads } from '../../../src/activities/traffic/bulkheads.ts'
import { CallRefused } from '../../../src/activities/traffic/traffic.ts'
import { ANSWERED, callOf } from './support/calls.ts'
import { seeded, virtualTime } from './support/virtual-time.ts'

/* F33 of a worker: one tenant has a thousand calls, another has one now and then. Time is virtual; the gate is the one that ships. */

const SLOTS = 16
const LATENCY_MS = 3_000

test('a tenant with a thousand calls does not take the turn of a tenant with one', async (t) => {
  const time = virtualTime(t)
  const gate = createBulkheads([{ provider: 'openai', maxConcurrent: SLOTS }], time.now)
  const random = seeded(3)
  const served = new Map<string, number>()

  /** @returns how long the call has waited, from its first attempt to its turn */
  async function call(tenant: string, agent: string): Promise<number> {
    const beganAt = time.now()
    for (;;) {
      try {
        const pass = await gate.enter(callOf({ tenant, agent }))
        const waitedMs = time.now() - beganAt
        void time.sleep(LATENCY_MS * (0.5 + random())).then(() => pass.leave(ANSWERED))
        served.set(tenant, (served.get(tenant) ?? 0) + 1)
        return waitedMs
      } catch (error) {
        if (!(error instanceof CallRefused)) throw error
        await time.sleep(error.retryAfterMs ?? 0)
      }
    }
  }

  const flood = Array.from({ length: 1_000 }, (_, n) => call('flood', `agent_${n % 3}`))
  await time.pass(10_000)
  const waits: number[] = []
  for (let n = 0; n < 20; n += 1) {
    const single = call('small', 'agent').then((ms) => waits.push(ms))
    await time.pass(2_000)
    await single
  }
  const servedMeanwhile = served.get('flood') ?? 0
  await time.pass(400_000)
  await Promise.all(flood)

  const worst = Math.max(...waits)
  const mean = waits.reduce((sum, ms) => sum + ms, 0) / waits.length
  t.diagnostic(
    `single calls waited ${Math.round(mean)} ms, at most ${worst} ms, beside a flood of which ${servedMeanwhile} were served`,
  )
  // Slots are freed every 190 ms, and the flood has every other turn.
  assert.ok(worst <= 2_000, `a single call waited ${worst} ms`)
  assert.ok(servedMeanwhile > 200, 'the flood is served as well')
  assert.equal(served.get('flood'), 1_000)
})
