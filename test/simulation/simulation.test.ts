import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simulate } from './simulate.ts'

/** `SIMULATION_SEED=123 node --test test/simulation/simulation.test.ts` plays that one schedule again. */
const ONE_SEED = process.env['SIMULATION_SEED']
const SCHEDULES = 300_000
const AT_MOST_MS = 60_000

test('300,000 random schedules of the reducer keep every invariant', {
  skip: ONE_SEED !== undefined,
}, (context) => {
  const base = 20_261_121
  const statuses = new Map<string, number>()
  let handOvers = 0
  const startedAt = performance.now()
  for (let index = 0; index < SCHEDULES; index += 1) {
    const report = simulated(base + index)
    statuses.set(report.status, (statuses.get(report.status) ?? 0) + 1)
    handOvers += report.handOvers
  }
  const elapsedMs = performance.now() - startedAt
  context.diagnostic(
    `${SCHEDULES} schedules in ${(elapsedMs / 1_000).toFixed(1)} s; ${handOvers} hand-overs; ` +
      [...statuses].map(([status, count]) => `${status} ${count}`).join(', '),
  )
  for (const status of ['completed', 'incomplete', 'failed', 'cancelled', 'expired']) {
    assert.ok(
      (statuses.get(status) ?? 0) > SCHEDULES / 1_000,
      `too few runs ended ${status} to prove anything`,
    )
  }
  assert.ok(handOvers > SCHEDULES / 100, 'too few hand-overs to prove anything')
  assert.ok(elapsedMs < AT_MOST_MS, `took ${elapsedMs} ms`)
})

test('one schedule, by its seed', { skip: ONE_SEED === undefined }, (context) => {
  context.diagnostic(JSON.stringify(simulated(Number(ONE_SEED))))
})

function simulated(seed: number) {
  try {
    return simulate(seed)
  } catch (error) {
    const how = `SIMULATION_SEED=${seed} node --test test/simulation/simulation.test.ts`
    throw new Error(`Seed ${seed}: ${(error as Error).message}. Play it again with: ${how}`, { cause: error })
  }
}
