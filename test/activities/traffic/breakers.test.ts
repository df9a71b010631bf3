import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Breakers, createBreakers } from '../../../src/activities/traffic/breakers.ts'
import { createFleetCircuits, type FleetCircuits } from '../../../src/activities/traffic/fleet-circuits.ts'
import { CallRefused, type TrafficOutcome } from '../../../src/activities/traffic/traffic.ts'
import { BREAKERS, type BreakerPolicy } from '../../../src/policies/models/breakers.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { announceProcess } from '../../../src/store/processes/processes.ts'
import { forceCircuit, listCircuits, listReports } from '../../../src/store/traffic/circuits.ts'
import { awayStore } from '../../support/away-store.ts'
import { forEachDatabase } from '../../support/database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { ANSWERED, callTo, failedWith, STOPPED } from './support/outcomes.ts'

const KEY = { provider: 'openai', model: 'gpt-5.5' }
const OVERLOADED = failedWith('model_overloaded')
/** The product's, but for the time that circuits stay open. */
const QUICK: BreakerPolicy = {
  ...BREAKERS,
  openForMs: { failing: [150, 300], refused: [150, 300] },
  rereadMs: 100,
  // A store that is slow on a busy machine is not away: each worker would go by itself.
  storeAnswersWithinMs: 10_000,
}
/** Open for so long that all workers hear of it before probes are due. */
const HEARD: BreakerPolicy = { ...QUICK, openForMs: { failing: [3_000], refused: [3_000] } }
/** Circuits stay open for the whole test. */
const SLOW: BreakerPolicy = { ...QUICK, openForMs: { failing: [600_000], refused: [600_000] } }

function breakersOf(database: Database, worker: string, policy = SLOW): Breakers {
  const fleet = createFleetCircuits({ database, worker, policy, logger: testLogger })
  return createBreakers({ fleet, policy, logger: testLogger })
}

/** Workers of a fleet, each over the same store, until the test ends. */
async function fleetOf(database: Database, names: readonly string[], policy = SLOW) {
  const stops: (() => Promise<void>)[] = []
  const workers: Breakers[] = []
  for (const id of names) {
    const process = { id, kind: 'worker', facts: { secret: null, missingKeys: [] } } as const
    await announceProcess(database, { process, taskQueue: 'q', livesForMs: 60_000, keptForMs: 60_000 })
    const worker = breakersOf(database, id, policy)
    stops.push(await worker.start())
    workers.push(worker)
  }
  return {
    workers: workers as [Breakers, Breakers, ...Breakers[]],
    [Symbol.asyncDispose]: async () => {
      for (const stop of stops) await stop()
    },
  }
}

/** Whether the call was let through. It ends at once. */
async function call(breakers: Breakers, outcome: TrafficOutcome, model = KEY.model): Promise<boolean> {
  try {
    const pass = await breakers.enter(callTo(KEY.provider, model))
    await pass.leave(outcome)
    return true
  } catch (error) {
    assert.ok(error instanceof CallRefused)
    assert.deepEqual([error.code, error.retryAfterMs], ['model_circuit_open', null])
    return false
  }
}

async function trip(breakers: Breakers): Promise<void> {
  for (let n = 0; n < BREAKERS.failuresInARow; n++) assert.ok(await call(breakers, OVERLOADED))
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<number> {
  const began = performance.now()
  while (!(await isSo())) {
    assert.ok(performance.now() - began < 20_000, `not after 20 s: ${what}`)
    await new Promise(setImmediate)
  }
  return performance.now() - began
}

const refuses = (breakers: Breakers) => async () => !(await call(breakers, STOPPED))
const lets = (breakers: Breakers) => () => call(breakers, STOPPED)

forEachDatabase((_, open) => {
  test('one worker of several is open alone, and goes on reporting; the second opens all of them', async () => {
    const database = await open()
    await using fleet = await fleetOf(database, ['a', 'b', 'c'])
    const [first, second, third] = fleet.workers
    await trip(first)
    assert.equal(await call(first, STOPPED), false)
    await until('the report is there', async () => (await listReports(database)).length === 1)
    assert.ok(await call(second, STOPPED))
    assert.deepEqual(await listCircuits(database), [])
    await trip(second)
    await until('the third worker refuses', refuses(third as Breakers))
    assert.ok(await call(third as Breakers, STOPPED, 'another'), 'other models are asked')
  })

  test('an account without credit is reported once for all; a key that one worker alone has wrong is not', async () => {
    const database = await open()
    await using fleet = await fleetOf(database, ['a', 'b'])
    const [first, second] = fleet.workers
    await call(first, failedWith('model_unauthorized'))
    assert.equal(await call(first, STOPPED), false)
    await until('the report is there', async () => (await listReports(database)).length === 1)
    assert.ok(await call(second, STOPPED))
    await call(first, failedWith('model_quota_exhausted'), 'paid')
    await until('the other worker refuses', async () => !(await call(second, STOPPED, 'paid')))
  })

  test('while half-open the fleet makes few probes, and their answers close it everywhere', async () => {
    const database = await open()
    await using fleet = await fleetOf(database, ['a', 'b', 'c', 'd'], HEARD)
    const [first, second] = fleet.workers
    await trip(first)
    await trip(second)
    for (const worker of fleet.workers) await until('the worker refuses', refuses(worker))
    const isHalfOpen = async () => {
      const [row] = await listCircuits(database)
      return row?.state === 'open' && row.probeInMs === 0
    }
    await until('probes are due', isHalfOpen)
    const probes: Awaited<ReturnType<Breakers['enter']>>[] = []
    // A worker may be a little behind the store's clock, and then refuses all of its calls.
    await until('probes are let through', async () => {
      const tried = await Promise.allSettled(
        fleet.workers.flatMap((worker) =>
          Array.from({ length: 10 }, () => worker.enter(callTo(KEY.provider, KEY.model))),
        ),
      )
      probes.push(...tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))
      return probes.length > 0
    })
    assert.ok(probes.length <= BREAKERS.probes, `${probes.length} probes of 40 calls`)
    for (const probe of probes) await probe.leave(ANSWERED)
    for (const worker of fleet.workers) {
      await until('the worker asks the model again', () => call(worker, ANSWERED))
    }
    await until('the circuit is closed', async () => (await listCircuits(database))[0]?.state === 'closed')
  })

  test('a circuit that an operator opens refuses calls everywhere within 2 s, and closed it lets them through', async (context) => {
    const database = await open()
    await using fleet = await fleetOf(database, ['a', 'b'])
    const [first, second] = fleet.workers
    await forceCircuit(database, KEY, { forced: 'open', by: 'ops' })
    const tookMs = Math.max(
      ...(await Promise.all([first, second].map((one) => until('it refuses', refuses(one))))),
    )
    context.diagnostic(`refused everywhere after ${Math.round(tookMs)} ms`)
    assert.ok(tookMs < 2_000, `${tookMs} ms`)
    await forceCircuit(database, KEY, { forced: 'closed', by: 'ops' })
    for (const one of [first, second]) await until('it lets calls through', lets(one))
    for (let n = 0; n < 20; n++) assert.ok(await call(first, OVERLOADED))
    await forceCircuit(database, KEY, { forced: null, by: 'ops' })
    await until('the failures count again', async () => !(await call(first, OVERLOADED)))
  })

  test('while the store is away each worker opens, probes and closes by itself', async () => {
    const store = awayStore(await open())
    await using fleet = await fleetOf(store.database, ['a', 'b'], QUICK)
    const [first, second] = fleet.workers
    store.goAway()
    await trip(first)
    assert.equal(await call(first, STOPPED), false)
    assert.ok(await call(second, STOPPED))
    await until('probes are due', lets(first))
    for (let n = 0; n < BREAKERS.probes; n++) assert.ok(await call(first, ANSWERED))
    await trip(first)
    store.back()
    await until('the report is there', async () => (await listReports(store.database)).length === 1)
  })

  test('a worker that starts takes over what the fleet knows', async () => {
    const database = await open()
    await using fleet = await fleetOf(database, ['a'])
    await trip(fleet.workers[0])
    await until('the circuit is open', async () => (await listCircuits(database))[0]?.state === 'open')
    await using later = await fleetOf(database, ['b'])
    await until('the new worker refuses', refuses(later.workers[0]))
  })
})

describe('without the store', () => {
  test('a store that does not answer is waited for no longer than the table says', async () => {
    const silent = { query: () => new Promise<never>(() => undefined) } as unknown as Database
    const policy = { ...BREAKERS, storeAnswersWithinMs: 20 }
    const fleet = createFleetCircuits({ database: silent, worker: 'a', policy, logger: testLogger })
    const reason = { code: 'model_overloaded', failures: 5, calls: 5 } as const
    assert.equal(await fleet.takeProbe(KEY), null)
    assert.equal(await fleet.report(KEY, reason), null)
    assert.equal(await fleet.endProbe(KEY, { id: 'p', round: 1 }, { end: 'answered', code: null }), null)
  })

  test('a store that goes away while the fleet’s circuit is open leaves the probes to the worker', async () => {
    let isAway = false
    const key = KEY
    const open = {
      ...key,
      state: 'open',
      version: 1,
      round: 1,
      openedAt: null,
      closedAt: null,
      probeAt: null,
      probeInMs: 0,
      openings: 1,
      code: 'model_overloaded',
      failures: 5,
      calls: 5,
      forced: null,
      forcedBy: null,
      forcedAt: null,
    } as const
    let tell: Parameters<FleetCircuits['follow']>[0] = () => assert.fail('nobody follows')
    const fleet: FleetCircuits = {
      report: async () => (isAway ? null : open),
      withdraw: async () => undefined,
      takeProbe: async () => (isAway ? null : { circuit: open, probe: null }),
      endProbe: async () => null,
      async follow(onCircuits) {
        tell = onCircuits
        return async () => undefined
      },
    }
    const breakers = createBreakers({ fleet, policy: BREAKERS, logger: testLogger })
    await breakers.start()
    tell([open])
    assert.equal(await call(breakers, ANSWERED), false, 'the fleet has no probe left')
    isAway = true
    for (let n = 0; n < BREAKERS.probes; n++) assert.ok(await call(breakers, ANSWERED))
    assert.ok(await call(breakers, STOPPED), 'closed, by its own probes')
    isAway = false
    tell([open])
    assert.equal(await call(breakers, ANSWERED), false, 'the fleet has it open still')
  })
})
