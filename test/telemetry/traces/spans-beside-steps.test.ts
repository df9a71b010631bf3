import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runSpanId, stepSpanId } from '../../../src/telemetry/traces/span-ids.ts'
import { spanBesideSteps } from '../../../src/telemetry/traces/spans-beside-steps.ts'
import { FACT_RUN, FACTS } from '../metrics/support/facts.ts'

const SLOW = FACTS['statement.slow']
const BY = { run: FACT_RUN, activity: 'closeRun' } as const

test('a slow statement lies in the call, the step or the run that it was sent for', () => {
  const parentOf = (by: NonNullable<typeof SLOW.by>) => spanBesideSteps({ ...SLOW, by })?.span.parentSpanId
  assert.equal(parentOf({ ...BY, step: 3, spanId: 'f'.repeat(16) }), 'f'.repeat(16))
  assert.equal(parentOf({ ...BY, step: 3 }), stepSpanId(FACT_RUN, 3))
  assert.equal(parentOf(BY), runSpanId(FACT_RUN))
  const { by: _by, ...ofNobody } = SLOW
  assert.equal(spanBesideSteps(ofNobody), null)
})

test('it says which statement it was, whose, and how long it waited for a connection', () => {
  const { span, step } = spanBesideSteps({ ...SLOW, code: 'store_unavailable' }) ?? assert.fail()
  assert.deepEqual(
    [span.name, span.kind, span.error, step],
    ['store close_run', 'client', 'store_unavailable', 3],
  )
  assert.equal(span.endMs - span.startMs, SLOW.durationMs)
  assert.deepEqual(span.attributes, {
    'holdfast.run.id': 'run_01',
    'holdfast.tenant': 'acme',
    'gen_ai.agent.name': 'support',
    'holdfast.step': 3,
    'db.system.name': 'postgresql',
    'db.query.summary': 'close_run',
    'holdfast.activity': 'callModel',
    'holdfast.store.waited_ms': 20,
  })
})

test('a refusal is an error under the run in whose name it was, and those of one kind are one span', () => {
  const tripped = FACTS['guard.tripped']
  const { span } = spanBesideSteps(tripped) ?? assert.fail()
  assert.deepEqual([span.name, span.error], ['guard forgery', 'run_not_accepted'])
  assert.equal(span.parentSpanId, runSpanId(FACT_RUN))
  assert.deepEqual(span.attributes, {
    'holdfast.run.id': 'run_01',
    'holdfast.tenant': 'acme',
    'holdfast.guard': 'forgery',
    'holdfast.guard.problem': 'other_plan',
    'holdfast.activity': 'runTool',
  })
  const idOf = (changes: object) => spanBesideSteps({ ...tripped, ...changes })?.span.spanId
  assert.equal(idOf({ atMs: 5 }), span.spanId)
  assert.notEqual(idOf({ activity: 'callModel' }), span.spanId)
  const { run: _run, ...ofNobody } = tripped
  assert.equal(spanBesideSteps(ofNobody), null)
})
