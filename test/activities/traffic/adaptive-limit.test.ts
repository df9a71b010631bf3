import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAdaptiveLimit } from '../../../src/activities/traffic/adaptive-limit.ts'

const ROW = { floor: 1, start: 16, ceiling: 64 }

function answers(limit: ReturnType<typeof createAdaptiveLimit>, many: number): void {
  for (let n = 0; n < many; n += 1) limit.answered(limit.value)
}

test('each answer is a step until the provider refuses, and the ceiling is the end', () => {
  const limit = createAdaptiveLimit(ROW)
  answers(limit, 10)
  assert.equal(limit.value, 26)
  answers(limit, 1_000)
  assert.equal(limit.value, 64)
})

test('a limit that is not used does not grow', () => {
  const limit = createAdaptiveLimit(ROW)
  for (let n = 0; n < 100; n += 1) limit.answered(7)
  assert.equal(limit.value, 16)
})

test('a burst of 64 refusals decreases it once, and calls that began afterwards once more', () => {
  const limit = createAdaptiveLimit({ ...ROW, start: 64 })
  for (let n = 0; n < 64; n += 1) limit.refused(0, 0.9)
  assert.equal(limit.value, 57)
  for (let n = 0; n < 57; n += 1) limit.refused(1, 0.9)
  assert.equal(limit.value, 51)
})

test('it never falls below its floor, and rises from there', () => {
  const limit = createAdaptiveLimit(ROW)
  for (let n = 0; n < 100; n += 1) limit.refused(limit.decreases, 0.5)
  assert.equal(limit.value, 1)
  answers(limit, 100)
  assert.ok(limit.value > 32, `it is ${limit.value}`)
})

test('below the limit that was refused it grows by one in four rounds, and fast once it is clearly above', () => {
  const limit = createAdaptiveLimit({ ...ROW, start: 20 })
  limit.refused(0, 0.9)
  assert.equal(limit.value, 18)
  answers(limit, 4 * 18)
  assert.equal(limit.value, 18)
  answers(limit, 4)
  assert.equal(limit.value, 19)
  answers(limit, 4 * 20 + 4 * 21 + 1)
  const clear = limit.value
  answers(limit, 10)
  assert.equal(limit.value, clear + 10)
})

test('a ceiling below the start counts', () => {
  assert.equal(createAdaptiveLimit({ floor: 1, start: 64, ceiling: 8 }).value, 8)
})
