import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type SharedPauses, sharePauses } from '../../../src/activities/traffic/share-pauses.ts'
import { CallRefused } from '../../../src/activities/traffic/traffic.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { liftPause } from '../../../src/store/traffic/pauses.ts'
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

async function untilPaused(pauses: SharedPauses, model: string, expected = true): Promise<number> {
  const beganAt = performance.now()
  while ((await isPaused(pauses, model)) !== expected) {
    assert.ok(performance.now() - beganAt < 10_000, `the pause has not ${expected ? 'come' : 'ended'}`)
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

  test('a pause that is lifted ends for all workers, the one that was asked for it among them', async () => {
    const database = await open()
    const workers = Array.from({ length: 3 }, () => sharePauses(database, testLogger))
    for (const worker of workers) await worker.follow()
    const [first = assert.fail()] = workers
    for (const model of ['lifted', 'kept']) {
      const pass = await first.enter(callOf({ model }))
      await pass.leave(failed('model_rate_limited', 99_999_999_000))
      for (const worker of workers) await untilPaused(worker, model)
    }
    // A worker that stops has sent what it has to send.
    await first.stop()
    await first.follow()
    await liftPause(database, { provider: 'openai', model: 'lifted' })
    const late = sharePauses(database, testLogger)
    await late.follow()
    for (const worker of [...workers, late]) {
      await untilPaused(worker, 'lifted', false)
      assert.ok(await isPaused(worker, 'kept'))
    }
    for (const worker of [...workers, late]) await worker.stop()
  })

  test('a lifted pause ends also where its notification was lost; one that the store never had stays', async () => {
    const real = await open()
    const away = awayStore(real)
    let gap = (): void => assert.fail('nobody listens')
    let isDeaf = false
    const database: Database = {
      ...away.database,
      listen(channel, onPayload, onGap = () => undefined) {
        gap = onGap
        return real.listen(channel, (payload) => isDeaf || onPayload(payload), onGap)
      },
    }
    const [worker, other] = [sharePauses(database, testLogger), sharePauses(real, testLogger)]
    await worker.follow()
    const pass = await other.enter(callOf({ model: 'lifted' }))
    await pass.leave(failed('model_rate_limited', 60_000))
    await untilPaused(worker, 'lifted')
    isDeaf = true
    away.goAway()
    const alone = await worker.enter(callOf({ model: 'own' }))
    await alone.leave(failed('model_rate_limited', 60_000))
    await liftPause(real, { provider: 'openai', model: 'lifted' })
    assert.ok(await isPaused(worker, 'lifted'))
    while (away.refused.length === 0) await delay(2)
    away.back()
    gap()
    await untilPaused(worker, 'lifted', false)
    assert.ok(await isPaused(worker, 'own'))
    await worker.stop()
    await other.stop()
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
