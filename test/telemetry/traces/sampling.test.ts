import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { RunTrace } from '../../../src/contracts/runs/run-trace.ts'
import { SAMPLERS } from '../../../src/policies/operations/traces.ts'
import { isSampled } from '../../../src/telemetry/traces/sampling.ts'

function traceOf(sampled: boolean | null, traceId = 'f'.repeat(32)): RunTrace {
  return { traceId, parentSpanId: null, sampled, resumes: 0 }
}

test('each sampler decides by the caller’s word where it heeds it, and by itself otherwise', () => {
  const decisions = SAMPLERS.map((sampler) => [
    sampler,
    ...[true, false, null].map((sampled) => isSampled({ sampler, ratio: 0 }, traceOf(sampled))),
  ])
  assert.deepEqual(decisions, [
    ['always_on', true, true, true],
    ['always_off', false, false, false],
    ['traceidratio', false, false, false],
    ['parentbased_always_on', true, false, true],
    ['parentbased_always_off', true, false, false],
    ['parentbased_traceidratio', true, false, false],
  ])
})

test('a ratio keeps its share of traces, and the same ones in every process', () => {
  const ids = Array.from({ length: 4_000 }, () => randomBytes(16).toString('hex'))
  const kept = (ratio: number) =>
    ids.filter((id) => isSampled({ sampler: 'traceidratio', ratio }, traceOf(null, id)))
  assert.equal(kept(1).length, ids.length)
  assert.equal(kept(0).length, 0)
  const quarter = kept(0.25)
  assert.ok(quarter.length > 800 && quarter.length < 1_200, `${quarter.length} of 4,000`)
  assert.deepEqual(kept(0.25), quarter)
  const half = new Set(kept(0.5))
  assert.ok(
    quarter.every((id) => half.has(id)),
    'a larger share holds the smaller one',
  )
})
