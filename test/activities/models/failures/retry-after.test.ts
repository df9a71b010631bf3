import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ModelFailure } from '../../../../src/activities/models/failures/model-failure.ts'
import {
  readRetryAfter,
  readRetryAfterWords,
} from '../../../../src/activities/models/failures/retry-after.ts'
import { startAsking, WIRES } from '../support/ask.ts'

const NOW = Date.parse('2026-11-21T10:00:00.250Z')

const TABLE: readonly (readonly [string, Record<string, string>, number | undefined])[] = [
  ['milliseconds', { 'retry-after-ms': '1234' }, 1_234],
  ['a fraction of a millisecond, rounded up', { 'retry-after-ms': '1234.2' }, 1_235],
  ['milliseconds before seconds', { 'retry-after-ms': '250', 'retry-after': '9' }, 250],
  ['unreadable milliseconds, then seconds', { 'retry-after-ms': 'soon', 'retry-after': '9' }, 9_000],
  ['seconds', { 'retry-after': '7' }, 7_000],
  ['zero seconds', { 'retry-after': '0' }, undefined],
  ['310 digits', { 'retry-after': '9'.repeat(310) }, 86_400_000],
  ['310 digits of milliseconds', { 'retry-after-ms': '9'.repeat(310) }, 86_400_000],
  ['a date in another age', { 'retry-after': 'Sat, 21 Nov 9999 10:00:03 GMT' }, 86_400_000],
  ['a date that is none', { 'retry-after': 'Sat, 99 Nov 2026 99:00:03 GMT' }, undefined],
  ['a fraction of a second', { 'retry-after': '1.001' }, 1_001],
  ['a date', { 'retry-after': 'Sat, 21 Nov 2026 10:00:03 GMT' }, 2_750],
  ['a date that has gone by', { 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' }, undefined],
  ['a negative number', { 'retry-after': '-5' }, undefined],
  ['words', { 'retry-after': 'Soon enough' }, undefined],
  ['nothing', {}, undefined],
]

for (const [what, headers, expected] of TABLE) {
  test(`Retry-After as ${what} is ${expected === undefined ? 'not a wish' : `${expected} ms`}`, () => {
    assert.equal(readRetryAfter(new Headers(headers), NOW), expected)
  })
}

const IN_WORDS: readonly (readonly [string, number | undefined])[] = [
  ['Rate limit reached for gpt-5.5: Please try again in 11.054s. Visit …', 11_054],
  ['Please try again in 250ms.', 250],
  ['please retry after 2 seconds', 2_000],
  ['Try again in 1m30s', 90_000],
  ['try again in 2h', 7_200_000],
  [`try again in ${'9'.repeat(310)}s`, undefined],
  ['try again later', undefined],
  ['', undefined],
]

for (const [words, expected] of IN_WORDS) {
  test(`"${words.slice(0, 60)}" is ${expected === undefined ? 'no wish' : `${expected} ms`}`, () => {
    assert.equal(readRetryAfterWords(words), expected)
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
