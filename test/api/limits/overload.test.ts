import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Load, type Overload, overloadOf } from '../../../src/api/limits/overload.ts'
import { LOAD_SHEDDING } from '../../../src/policies/api-limits.ts'

const { first, last } = LOAD_SHEDDING
const IDLE: Load = { workShare: 0, waitingStatements: 0, eventLoopDelayMs: 0, heapShare: 0.2, busy: false }

test('an idle process refuses nothing', () => {
  assert.equal(overloadOf(IDLE, first), null)
  assert.equal(overloadOf(IDLE, last), null)
})

for (const [what, load, overload] of [
  ['requests under way', { workShare: first.workShare }, 'under_way'],
  ['waiting statements', { waitingStatements: first.waitingStatements }, 'store'],
  ['a late and busy event loop', { eventLoopDelayMs: first.eventLoopDelayMs, busy: true }, 'event_loop'],
  ['a full heap', { heapShare: first.heapShare }, 'heap'],
] as const satisfies readonly [string, Partial<Load>, Overload][]) {
  test(`${what} have reads refused before writes`, () => {
    assert.equal(overloadOf({ ...IDLE, ...load }, first), overload)
    assert.equal(overloadOf({ ...IDLE, ...load }, last), null)
  })
}

test('an event loop that is late and idle was not given the processor, which is no reason to refuse', () => {
  assert.equal(overloadOf({ ...IDLE, eventLoopDelayMs: 5_000 }, last), null)
})
