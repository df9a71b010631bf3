import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type SharedPauses, sharePauses } from '../../../src/activities/traffic/share-pauses.ts'
import { CallRefused } from '../../../src/activities/traffic/traffic.ts'
import { awayStore } from '../../support/away-store.ts'
import { forEachDatabase } from '../../support/database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { callOf, failed } from './support/calls.ts'

const isPaused = (pauses: SharedPauses, model = 'gpt-test') =>
  pauses.enter(callOf({ model })).then(
    async (pass) => {
      await pass.leave({ kind: 'unused' })
      return false
    },
    (error: unknown) => (error instanceof CallRefused ? true : assert.fail(String(error))),
  )

async function untilPaused(pauses: SharedPauses, model: string): Promise<number> {
  const beganAt = performance.now()
  while (!(await isPaused(pauses, model))) {
    assert.ok(performance.now() - beganAt < 10_000, 'the pause has not come')
    await delay(2)
  }
  return performance.now() - beganAt
}

forEachDatabase((_, open) => {
  test('a pause that one worker is asked for holds for all of them, and for one that starts later', async (t) => {
    const database = await open()
    const workers = Array.from({ length: 4 }, () => sharePauses(database, testLogger))
    for (const worker of workers) await worker.follow()
    const [first = assert.fail(), ...others] = workers
    const burst = await Promise.all(
      Array.from({ length: 20 }, () => first.enter(callOf({ model: 'limited' }))),
    )
    for (const pass of burst) await pass.leave(failed('model_rate_limited', 60_000))
    assert.ok(await isPaused(first, 'limited'))
    const after = await Promise.all(others.map((worker) => untilPaused(worker, 'limited')))
    t.diagnostic(`the others know it after ${after.map((ms) => `${Math.round(ms)} ms`).join(', ')}`)
    assert.equal(await isPaused(first, 'other'), false)
    const late = sharePauses(database, testLogger)
    await late.follow()
    assert.ok(await isPaused(late, 'limited'))
    for (const worker of [...workers, late]) await worker.stop()
  })

  test('while the store is away a worker keeps its own pauses, and no call fails over it', async () => {
    const away = awayStore(await open())
    const worker = sharePauses(away.database, testLogger)
    away.goAway()
    const pass = await worker.enter(callOf())
    await pass.leave(failed('model_overloaded', 60_000))
    assert.ok(await isPaused(worker))
    await worker.stop()
    assert.equal(away.refused.length, 1)
  })
})
