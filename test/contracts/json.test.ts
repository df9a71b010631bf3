import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeeperThan } from '../../src/contracts/json.ts'

test('how deep a value is nested is told, whatever its depth', () => {
  const nested = (levels: number): unknown => JSON.parse(`${'[{"a":'.repeat(levels)}1${'}]'.repeat(levels)}`)
  for (const [value, levels, deeper] of [
    [1, 0, false],
    [null, 0, false],
    [{ a: 1 }, 1, false],
    [{ a: 1 }, 0, true],
    [{ a: 1, b: ['c'] }, 2, false],
    [{ a: 1, b: ['c'] }, 1, true],
    [nested(5), 10, false],
    [nested(5), 9, true],
    [nested(100_000), 1_000, true],
    [nested(100_000), 200_000, false],
  ] as const) {
    assert.equal(isDeeperThan(value, levels), deeper)
  }
})
