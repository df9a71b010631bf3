import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLoadGate, type Work } from '../../../src/api/limits/load-gate.ts'
import { LOAD_SHEDDING } from '../../../src/policies/api-limits.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { testLogger } from '../../support/test-runtime.ts'

const READS = LOAD_SHEDDING.first.work.begin
const WRITES = LOAD_SHEDDING.last.work.begin

const openGate = () =>
  createLoadGate({
    database: { connections: () => ({ used: 0, idle: 1, waiting: 0 }) },
    telemetry: NO_TELEMETRY,
    logger: testLogger,
  })

test('requests under way are bounded: beyond the bound reads are refused, and then writes', () => {
  const gate = openGate()
  for (let write = 0; write < READS; write += 1) gate.begin('last')
  assert.equal(gate.refusalOf('first')?.code, 'overloaded')
  assert.equal(gate.refusalOf('last'), null)
  for (let write = READS; write < WRITES; write += 1) gate.begin('last')
  assert.equal(gate.refusalOf('last')?.code, 'overloaded')
})

for (const [how, end] of [
  ['ended', (work) => work.onlyWaits()],
  ['been held up', (work) => work.wasHeldUp()],
] as const satisfies readonly [string, (work: Work) => void][]) {
  test(`a request that has ${how} makes room for one, however often that is said`, () => {
    const gate = openGate()
    const works = Array.from({ length: READS + 1 }, () => gate.begin('first'))
    const [first, second] = works
    assert.ok(first && second)
    end(first)
    end(first)
    assert.notEqual(gate.refusalOf('first'), null)
    end(second)
    assert.equal(gate.refusalOf('first'), null)
  })
}
