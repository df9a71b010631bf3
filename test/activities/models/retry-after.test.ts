import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelFailure } from '../../../src/activities/models/model-failure.ts'
import { readRetryAfter } from '../../../src/activities/models/retry-after.ts'
import { startAsking, WIRES } from './ask.ts'

const NOW = Date.parse('2026-11-21T10:00:00.250Z')

const TABLE: readonly (readonly [string, Record<string, string>, number | undefined])[] = [
  ['milliseconds', { 'retry-after-ms': '1234' }, 1_234],
  ['a fraction of a millisecond, rounded up', { 'retry-after-ms': '1234.2' }, 1_235],
  ['milliseconds before seconds', { 'retry-after-ms': '250', 'retry-after': '9' }, 250],
  ['unreadable milliseconds, then seconds', { 'retry-after-ms': 'soon', 'retry-after': '9' }, 9_000],
  ['seconds', { 'retry-after': '7' }, 7_000],
  ['zero seconds', { 'retry-after': '0' }, 0],
  ['a fraction of a second', { 'retry-after': '1.001' }, 1_001],
  ['a date', { 'retry-after': 'Sat, 21 Nov 2026 10:00:03 GMT' }, 2_750],
  ['a date that has gone by', { 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' }, 0],
  ['a negative number', { 'retry-after': '-5' }, undefined],
  ['words', { 'retry-after': 'Soon enough' }, undefined],
  ['nothing', {}, undefined],
]

for (const [what, headers, expected] of TABLE) {
  test(`Retry-After as ${what} is ${expected === undefined ? 'not a wish' : `${expected} ms`}`, () => {
    assert.equal(readRetryAfter(new Headers(headers), NOW), expected)
  })
}

for (const wire of WIRES) {
  for (const status of [429, 503]) {
    test(`${wire}: the provider's wish travels with a ${status}, to the millisecond`, async (t) => {
      const { ask } = await startAsking(t, {
        fault: { status, headers: { 'retry-after-ms': '4321', 'retry-after': '5' } },
      })
      await assert.rejects(ask(wire), { retryAfterMs: 4_321 })
    })
  }

  test(`${wire}: a wish as a date is the time until then`, async (t) => {
    const until = Math.ceil(Date.now() / 1_000) * 1_000 + 60_000
    const { ask } = await startAsking(t, {
      fault: { status: 429, headers: { 'retry-after': new Date(until).toUTCString() } },
    })
    await assert.rejects(ask(wire), (error) => {
      assert.ok(error instanceof ModelFailure && error.retryAfterMs !== undefined)
      assert.ok(error.retryAfterMs <= 61_000 && Date.now() + error.retryAfterMs >= until)
      return true
    })
  })

  test(`${wire}: without a wish none is made up`, async (t) => {
    const { ask } = await startAsking(t, { fault: { status: 429 } })
    await assert.rejects(ask(wire), (error) => error instanceof ModelFailure && !('retryAfterMs' in error))
  })
}
