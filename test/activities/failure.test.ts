import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common'
import { failure } from '../../src/activities/failure.ts'

for (const [wish, delay] of [
  [4_321, 4_321],
  [0, 1],
  [-5, 1],
  [Number.NaN, 1],
  [1e20, 86_400_000],
  [Number.POSITIVE_INFINITY, 86_400_000],
] as const) {
  test(`a wish to wait ${wish} ms is a delay of ${delay} ms, which Temporal can encode`, () => {
    const made = failure('callModel', 'model_rate_limited', { retryAfterMs: wish })
    assert.equal(made.nextRetryDelay, delay)
    assert.doesNotThrow(() => defaultFailureConverter.errorToFailure(made, defaultPayloadConverter))
  })
}
