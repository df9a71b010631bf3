import assert from 'node:assert/strict'
import { test } from 'node:test'
import { repeat } from '../../../src/api/upkeep/repeat.ts'
import { testLogger } from '../../support/test-runtime.ts'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

for (const [until, expected] of [
  ['stopped', 4],
  ['success', 2],
] as const) {
  test(`a job is repeated until ${until}, also after a round that has failed`, async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    let rounds = 0
    const work = async () => {
      rounds += 1
      if (rounds === 1) throw new Error('away')
    }
    const stop = repeat(1_000, work, testLogger as never, until)
    for (let tick = 0; tick < 4; tick += 1) {
      t.mock.timers.tick(1_000)
      await nextTurn()
    }
    assert.equal(rounds, expected)
    await stop()
    t.mock.timers.tick(1_000)
    await nextTurn()
    assert.equal(rounds, expected)
  })
}
