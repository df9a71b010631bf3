import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Breakers, createBreakers } from '../../../src/activities/traffic/breakers.ts'
import { createFleetCircuits } from '../../../src/activities/traffic/fleet-circuits.ts'
import { CallRefused } from '../../../src/activities/traffic/traffic.ts'
import { TRIES, waitAfter } from '../../../src/policies/activities.ts'
import { BREAKERS, type BreakerPolicy } from '../../../src/policies/models/breakers.ts'
import { announceProcess } from '../../../src/store/processes/processes.ts'
import { openPostgresTestDatabase } from '../../support/postgres-database.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { callTo, failedWith } from './support/outcomes.ts'

/*
 * Five minutes of an outage in fifteen seconds: every time of the table and every wait between tries is a twentieth of what it is, and runs
 * come twenty times as fast. The store's own time is as it is, so that the fleet hears of changes later than it would.
 */

const SHORTER = 20
const OUTAGE_MS = 300_000 / SHORTER
const RUNS = 3_000
const WORKERS = 4

const shorter = (ms: number) => ms / SHORTER
const POLICY: BreakerPolicy = {
  ...BREAKERS,
  windowMs: shorter(BREAKERS.windowMs),
  settledAfterMs: shorter(BREAKERS.settledAfterMs),
  reportCountsForMs: shorter(BREAKERS.reportCountsForMs),
  rereadMs: shorter(BREAKERS.rereadMs),
  openForMs: {
    failing: BREAKERS.openForMs.failing.map(shorter) as [number, ...number[]],
    refused: BREAKERS.openForMs.refused.map(shorter) as [number, ...number[]],
  },
}

let store: TestDatabase
const fleet: Breakers[] = []
const stops: (() => Promise<void>)[] = []
before(async () => {
  store = await openPostgresTestDatabase()
  const { database } = store
  for (let n = 0; n < WORKERS; n++) {
    const id = `worker ${n}`
    const process = { id, kind: 'worker', facts: { secret: null, missingKeys: [] } } as const
    await announceProcess(database, { process, taskQueue: 'q', livesForMs: 60_000, keptForMs: 60_000 })
    const circuits = createFleetCircuits({ database, worker: id, policy: POLICY, logger: testLogger })
    const breakers = createBreakers({ fleet: circuits, policy: POLICY, logger: testLogger })
    stops.push(await breakers.start())
    fleet.push(breakers)
  }
})
after(async () => {
  for (const stop of stops) await stop()
  await store.close()
})

/** One run's step at the dead model: its tries, each on any worker. Returns the requests that reached the provider. */
async function tryModel(run: number): Promise<number> {
  for (let tries = 1; tries <= TRIES.model.most; tries++) {
    const worker = fleet[(run + tries) % WORKERS]
    assert.ok(worker)
    try {
      const pass = await worker.enter(callTo('openai', 'dead'))
      await pass.leave(failedWith('model_overloaded'))
    } catch (error) {
      if (error instanceof CallRefused) return tries - 1
      throw error
    }
    if (tries < TRIES.model.most) await delay(shorter(waitAfter(tries, TRIES.model)))
  }
  return TRIES.model.most
}

test('F32: a provider that is dead for 5 minutes gets no more requests than 1.1 times those of a healthy one', async (context) => {
  const began = performance.now()
  const runs: Promise<number>[] = []
  while (runs.length < RUNS) {
    // The timer's steps are longer than the time between two runs.
    const due = Math.min(RUNS, Math.ceil(((performance.now() - began) / OUTAGE_MS) * RUNS))
    while (runs.length < due) runs.push(tryModel(runs.length))
    await delay(5)
  }
  const requests = (await Promise.all(runs)).reduce((sum, tries) => sum + tries, 0)
  const lastedMs = performance.now() - began
  context.diagnostic(
    `${RUNS} runs in ${Math.round((lastedMs * SHORTER) / 1_000)} s of shortened time, ${WORKERS} workers: ` +
      `${requests} requests reached the dead provider, ${(requests / RUNS).toFixed(3)} times those of a healthy one (without breakers ${TRIES.model.most})`,
  )
  assert.ok(requests >= BREAKERS.failuresInARow)
  assert.ok(requests <= 1.1 * RUNS, `${requests} requests for ${RUNS} runs`)
})
