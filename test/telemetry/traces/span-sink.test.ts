import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { NO_USAGE } from '../../../src/contracts/models/usage.ts'
import type { RunTimeline } from '../../../src/store/record/run-timeline.ts'
import { currentActivity, inActivity } from '../../../src/telemetry/activity-scope.ts'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import type { Fact } from '../../../src/telemetry/facts.ts'
import type { FinishedSpan } from '../../../src/telemetry/traces/finished-span.ts'
import { runSpanId } from '../../../src/telemetry/traces/span-ids.ts'
import { createSpanSink, type SpanSinkOptions } from '../../../src/telemetry/traces/span-sink.ts'
import { samplePlan } from '../../store/support/samples.ts'
import { FACTS } from '../metrics/support/facts.ts'
import { eventsAt } from './support/timeline.ts'

const RUN = toFactRun({ runId: 'run_1', tenant: 'acme', principal: 'ann' })

const ENDED: Fact = {
  type: 'run.ended',
  run: RUN,
  agent: 'support',
  agentVersion: 'v1',
  promptVersion: 'v1',
  status: 'completed',
  steps: 1,
  durationMs: 1_000,
  usage: NO_USAGE,
}

function sinkWith(options: Partial<SpanSinkOptions>) {
  const sent: FinishedSpan[] = []
  const lines: string[] = []
  const logger = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line).msg) })
  const sink = createSpanSink({
    isSampled: () => true,
    findTimeline: async () => null,
    send: (span) => void sent.push(span),
    logger,
    ...options,
  })
  return { sink, sent, lines }
}

test('a trace that is not sampled costs no look at the store', async () => {
  const { sink, sent } = sinkWith({ isSampled: () => false, findTimeline: () => assert.fail('asked') })
  sink.take(ENDED)
  await sink.settled()
  assert.deepEqual(sent, [])
})

test('an attempt to deliver a webhook is a span of the run that it tells of, and none where that is not sampled', () => {
  const attempt: Fact = {
    type: 'webhook.attempted',
    tenant: 'acme',
    run: RUN,
    webhookId: 'whk_1',
    deliveryId: 'whd_1',
    event: 'run.completed',
    round: 0,
    attempt: 2,
    outcome: 'retried',
    code: 'webhook_refused',
    httpStatus: 500,
    startedAtMs: 1_000,
    durationMs: 20,
  }
  const { run: _, ...report } = attempt
  const { sink, sent } = sinkWith({})
  sink.take(attempt)
  sink.take(report)
  assert.deepEqual(
    sent.map(({ name, kind, traceId, parentSpanId, startMs, endMs, error }) => ({
      ...{ name, kind, traceId, parentSpanId, startMs, endMs, error },
    })),
    [
      {
        name: 'deliver run.completed',
        kind: 'client',
        traceId: RUN.trace.traceId,
        parentSpanId: runSpanId(RUN),
        startMs: 1_000,
        endMs: 1_020,
        error: 'webhook_refused',
      },
    ],
  )
  const other = sinkWith({ isSampled: () => false })
  other.sink.take(attempt)
  assert.deepEqual(other.sent, [])
})

test('a store that is away for good has a line in the log, and no rejection', async () => {
  let asked = 0
  const { sink, lines } = sinkWith({
    findTimeline() {
      asked += 1
      throw new Error('away')
    },
  })
  sink.take(ENDED)
  await sink.settled()
  assert.equal(asked, 3)
  assert.deepEqual(lines, ['the root span of a run could not be made'])
})

test('the record of one run is read at a time, however many end together', async () => {
  const reads: PromiseWithResolvers<null>[] = []
  const { sink } = sinkWith({
    findTimeline() {
      const read = Promise.withResolvers<null>()
      reads.push(read)
      return read.promise
    },
  })
  sink.take(ENDED)
  sink.take(ENDED)
  await setImmediate()
  assert.equal(reads.length, 1)
  reads[0]?.resolve(null)
  await setImmediate()
  assert.equal(reads.length, 2)
  reads[1]?.resolve(null)
  await sink.settled()
})

test('content is sent with its span, and a store that is away costs only the content', async () => {
  const held: Fact = {
    type: 'model.held_back',
    run: RUN,
    agent: 'support',
    step: 1,
    hop: 0,
    provider: 'openai',
    model: 'gpt-test',
    code: 'model_circuit_open',
    retryAfterMs: null,
    atMs: 1_000,
  }
  const found = sinkWith({ findContent: async () => ({ said: 'hello' }) })
  found.sink.take(held)
  await found.sink.settled()
  assert.deepEqual(
    found.sent.map(({ attributes }) => attributes['said']),
    ['hello'],
  )
  const away = sinkWith({ findContent: () => Promise.reject(new Error('away')) })
  away.sink.take(held)
  await away.sink.settled()
  assert.equal(away.sent.length, 1)
  assert.deepEqual(away.lines, ['a span is sent without what was said'])
})

const WAITING: RunTimeline = {
  run: { agent: 'support', plan: samplePlan },
  events: eventsAt(
    { type: 'run.queued', atMs: 100 },
    { type: 'run.started', atMs: 110 },
    { type: 'model.completed', atMs: 200, step: 1 },
    { type: 'model.completed', atMs: 300, step: 2 },
    { type: 'approval.requested', atMs: 310, approvalId: 'apr_x_2_0_0' },
  ),
  ...{ attempts: [], toolCalls: [], cached: [], approvals: [], children: [] },
}

test('the steps that are over are sent when a run begins to wait, and not again when it ends', async () => {
  let timeline = WAITING
  const { sink, sent } = sinkWith({ findTimeline: async () => timeline })
  const wait: Fact = { type: 'run.waits', run: RUN, agent: 'support', waitsFor: 'approval' }
  sink.take(wait)
  await sink.settled()
  sink.take(wait)
  await sink.settled()
  assert.deepEqual(
    sent.map(({ name, startMs, endMs }) => [name, startMs, endMs]),
    [['step 1', 110, 200]],
  )
  const later = eventsAt(...WAITING.events, { type: 'run.completed', atMs: 900 })
  timeline = { ...WAITING, events: later }
  sink.take(ENDED)
  await sink.settled()
  assert.deepEqual(
    sent.slice(1).map(({ name, startMs, endMs }) => [name, startMs, endMs]),
    [
      ['invoke_agent support', 100, 900],
      ['queued', 100, 110],
      ['step 2', 200, 900],
    ],
  )
})

test('the spans of a run whose worker has died are made from the record alone, with the same ids', async () => {
  const timeline = { ...WAITING, events: eventsAt(...WAITING.events, { type: 'run.completed', atMs: 900 }) }
  const findTimeline = async () => timeline
  const [lost, told] = [sinkWith({ findTimeline }), sinkWith({ findTimeline })]
  told.sink.take(ENDED)
  lost.sink.take({ type: 'run.spans_lost', ended: ENDED })
  await Promise.all([lost.sink.settled(), told.sink.settled()])
  assert.deepEqual(lost.sent, told.sent)
  assert.ok(lost.sent.length > 0)
})

test('slow statements and tripped guards have a span where their run is sampled, and their step is there at its end', async () => {
  const slow = { ...FACTS['statement.slow'], by: { run: RUN, activity: 'callModel', step: 7 } }
  const timeline = { ...WAITING, events: eventsAt(...WAITING.events, { type: 'run.completed', atMs: 900 }) }
  const { sink, sent } = sinkWith({ findTimeline: async () => timeline })
  sink.take(slow)
  sink.take({ ...FACTS['guard.tripped'], run: RUN })
  sink.take(ENDED)
  await sink.settled()
  const names = sent.map(({ name }) => name)
  assert.deepEqual(names.slice(0, 2), ['store close_run', 'guard forgery'])
  assert.ok(names.includes('step 7'))
  const silent = sinkWith({ isSampled: () => false })
  silent.sink.take(slow)
  silent.sink.take(FACTS['guard.tripped'])
  assert.deepEqual(silent.sent, [])
})

test('what the sink reads of the store is not told as an activity’s', async () => {
  const scopes: unknown[] = []
  const { sink } = sinkWith({
    findTimeline: async () => {
      scopes.push(currentActivity())
      return null
    },
  })
  inActivity({ run: RUN, activity: 'closeRun' }, () => sink.take(ENDED))
  await sink.settled()
  assert.deepEqual(scopes, [null])
})

test('facts that are no spans make none', () => {
  const { sink, sent } = sinkWith({})
  sink.take({ type: 'outage.began', of: 'store' })
  sink.take({ type: 'run.goes_on', run: RUN, agent: 'support', waitedFor: 'budget' })
  assert.deepEqual(sent, [])
})
