import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import {
  cacheSpanId,
  failedToolSpanId,
  modelSpanId,
  runSpanId,
  stepSpanId,
  toolSpanId,
} from '../../../src/telemetry/traces/span-ids.ts'

const RUN = toFactRun({ runId: 'run_1', tenant: 'acme', principal: 'ann' })
const RESUMED = { ...RUN, trace: { ...RUN.trace, resumes: 1 } }
const OTHER = { ...RUN, runId: 'run_2' } as const
const CALL = { step: 2, index: 1, again: 0 }

test('an id is 16 hexadecimal digits, and follows from the keys alone', () => {
  assert.match(runSpanId(RUN), /^[0-9a-f]{16}$/)
  assert.equal(stepSpanId(RUN, 3), stepSpanId(toFactRun({ ...RUN }), 3))
  // A release that changes this splits the traces of runs that are under way.
  assert.equal(stepSpanId(RUN, 3), '40b9c2e42711ba91')
})

test('what differs in any key has another id', () => {
  const ids = [
    runSpanId(RUN),
    runSpanId(RESUMED),
    runSpanId(OTHER),
    stepSpanId(RUN, 1),
    stepSpanId(RUN, 11),
    stepSpanId(RESUMED, 1),
    modelSpanId(RUN, { step: 1, hop: 0, attempt: 1 }),
    modelSpanId(RUN, { step: 1, hop: 0, attempt: 2 }),
    modelSpanId(RUN, { step: 1, hop: 1, attempt: 1 }),
    toolSpanId(RUN, CALL),
    toolSpanId(RUN, { ...CALL, again: 1 }),
    failedToolSpanId(RUN, { ...CALL, attempt: 1, isLocal: true }),
    failedToolSpanId(RUN, { ...CALL, attempt: 1, isLocal: false }),
    cacheSpanId(RUN, { step: 1, hop: 0, attempt: 1, outcome: 'miss' }),
    cacheSpanId(RUN, { step: 1, hop: 0, attempt: 2, outcome: 'miss' }),
    cacheSpanId(RUN, { step: 1, hop: 0, attempt: 1, outcome: 'exact' }),
  ]
  assert.equal(new Set(ids).size, ids.length)
})

test('the look-up that has found the answer has one id, at whichever attempt', () => {
  const hit = { step: 1, hop: 0, outcome: 'exact' } as const
  assert.equal(cacheSpanId(RUN, { ...hit, attempt: 1 }), cacheSpanId(RUN, { ...hit, attempt: 4 }))
})
