import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Load, type Overload, overloadOf } from '../../../src/api/limits/overload.ts'
import { LOAD_SHEDDING } from '../../../src/policies/api-limits.ts'

const { first, last } = LOAD_SHEDDING
const IDLE: Load = { underWay: 0, waitingStatements: 0, heapShare: 0.2 }

const ofReads = (load: Load) => overloadOf(load, first, first.work.begin)
const ofWrites = (load: Load) => overloadOf(load, last, last.work.begin)

test('an idle process refuses nothing', () => {
  assert.equal(ofReads(IDLE), null)
  assert.equal(ofWrites(IDLE), null)
})

for (const [what, load, overload] of [
  ['requests under way', { underWay: first.work.begin }, 'under_way'],
  ['waiting statements', { waitingStatements: first.waitingStatements }, 'store'],
  ['a full heap', { heapShare: first.heapShare }, 'heap'],
] as const satisfies readonly [string, Partial<Load>, Overload][]) {
  test(`${what} have reads refused before writes`, () => {
    assert.equal(ofReads({ ...IDLE, ...load }), overload)
    assert.equal(ofWrites({ ...IDLE, ...load }), null)
  })
}
