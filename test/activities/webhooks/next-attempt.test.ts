import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spread, waitForNext } from '../../../src/activities/webhooks/next-attempt.ts'
import { WEBHOOKS } from '../../../src/policies/operations/webhooks.ts'

const DAY_MS = 86_400_000
const middle = () => 0.5
const answered = (status: number, retryAfter: string | null = null) => ({ status, retryAfter })

test('attempts go on for three days, the waits growing up to six hours', () => {
  const waits: number[] = []
  for (let attempts = 1; ; attempts += 1) {
    const wait = waitForNext(attempts, answered(500), middle)
    if (wait === null) break
    waits.push(wait)
  }
  assert.equal(waits.length, WEBHOOKS.attempts - 1)
  assert.deepEqual(waits.slice(0, 5), [5_000, 15_000, 45_000, 135_000, 405_000])
  assert.equal(Math.max(...waits), 21_600_000)
  const days = waits.reduce((sum, wait) => sum + wait, 0) / DAY_MS
  assert.ok(days > 2.5 && days < 3.5, `${days} days`)
})

test('waits are spread, so that what failed together is not sent together', () => {
  assert.equal(
    spread(10_000, () => 0),
    8_000,
  )
  assert.equal(
    spread(10_000, () => 1),
    12_000,
  )
})

test('429 and 503 may ask for a longer wait, as seconds or as a date, up to six hours, and for no shorter one', () => {
  assert.equal(waitForNext(1, answered(429, '120'), middle), 120_000)
  assert.equal(waitForNext(1, answered(503, '1'), middle), 5_000)
  assert.equal(waitForNext(1, answered(503, '999999999'), middle), 21_600_000)
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString()
  const wait = waitForNext(1, answered(429, inAnHour), middle) ?? 0
  assert.ok(wait > 3_500_000 && wait <= 3_600_000, `${wait} ms`)
})

test('no other status is asked when to come back, nor is nonsense', () => {
  assert.equal(waitForNext(1, answered(500, '120'), middle), 5_000)
  assert.equal(waitForNext(1, answered(429, 'soon'), middle), 5_000)
  assert.equal(waitForNext(1, { code: 'webhook_timed_out', cause: null }, middle), 5_000)
})
