import assert from 'node:assert/strict'
import { test } from 'node:test'
import { METRICS } from '../../../src/policies/operations/telemetry.ts'
import type { Fact } from '../../../src/telemetry/facts.ts'
import { createBoundedLabels } from '../../../src/telemetry/metrics/bounded-labels.ts'
import { createMetrics } from '../../../src/telemetry/metrics/create-metrics.ts'
import { FACT_RUN, FACTS } from './support/facts.ts'
import { samplesOf, seriesValue } from './support/samples.ts'

const CANARY = 'the canary sings of a secret'

test('a label keeps its first values, and counts every later one as other', () => {
  const bounded = createBoundedLabels({ ...METRICS.labelValues, model: 2 })
  assert.deepEqual(
    ['a', 'b', 'c', 'a', 'd', ''].map((value) => bounded('model', value)),
    ['a', 'b', 'other', 'a', 'other', ''],
  )
  assert.equal(bounded('agent', 'c'), 'c', 'each label has a bound of its own')
})

test('a value that is too long or no name is other, and takes no place', () => {
  const bounded = createBoundedLabels({ ...METRICS.labelValues, code: 1 })
  for (const value of [CANARY, 'line\nbreak', 'naïve', 'x'.repeat(METRICS.labelCharacters + 1)])
    assert.equal(bounded('code', value), 'other', value)
  assert.equal(bounded('code', 'timed_out'), 'timed_out')
})

test('models that nobody has defined come to a bounded number of series', async () => {
  const metrics = createMetrics({ tenants: false })
  const most = METRICS.labelValues.model
  for (let index = 0; index < 3 * most; index += 1)
    metrics.sink.take({ ...FACTS['model.held_back'], model: `model-${index}` })
  const page = await metrics.page()
  assert.equal(samplesOf(page).length, most + 1)
  assert.equal(
    seriesValue(
      page,
      'holdfast_model_held_back_total{provider="openai",model="other",code="model_rate_limited"}',
    ),
    2 * most,
  )
})

test('a quote or backslash in a name does not break the page', async () => {
  const metrics = createMetrics({ tenants: false })
  metrics.sink.take({ ...FACTS['model.held_back'], model: 'a"b\\c' })
  assert.ok((await metrics.page()).includes('model="a\\"b\\\\c"'))
})

test('no text, person, run or key of a fact comes to stand on the page', async () => {
  const metrics = createMetrics({ tenants: true })
  const run = {
    ...FACT_RUN,
    runId: 'run_canary',
    principal: 'canary',
    trace: { ...FACT_RUN.trace, traceId: 'canary', parentSpanId: 'canary' },
  } as const
  for (const fact of Object.values<Fact>(FACTS)) {
    const texts = Object.entries(fact).map(([name, value]) => [
      name,
      name !== 'type' && FREE.has(name) ? CANARY : value,
    ])
    const taken = {
      ...Object.fromEntries(texts),
      ...('run' in fact && { run }),
      ...('runId' in fact && { runId: 'run_canary' }),
    }
    metrics.sink.take(taken as Fact)
  }
  const page = await metrics.page()
  assert.ok(samplesOf(page).length >= 30, 'the facts were counted')
  assert.doesNotMatch(page, /canary/i)
})

/** Fields of facts that are plain strings, in which anything could come to stand. */
const FREE = new Set([
  'agent',
  'agentVersion',
  'promptVersion',
  'provider',
  'model',
  'servedBy',
  'stop',
  'requestId',
  'callId',
  'tool',
  'approvalId',
  'by',
  'strategy',
  'rule',
  'to',
  'activity',
  'code',
  'guard',
  'problem',
  'route',
  'method',
  'principal',
  'key',
  'traceId',
])
