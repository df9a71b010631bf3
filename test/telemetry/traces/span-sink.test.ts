import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { NO_USAGE } from '../../../src/contracts/models/usage.ts'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import type { Fact } from '../../../src/telemetry/facts.ts'
import type { FinishedSpan } from '../../../src/telemetry/traces/finished-span.ts'
import { runSpanId } from '../../../src/telemetry/traces/span-ids.ts'
import { createSpanSink, type SpanSinkOptions } from '../../../src/telemetry/traces/span-sink.ts'

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

test('facts that are no spans make none', () => {
  const { sink, sent } = sinkWith({})
  sink.take({ type: 'outage.began', of: 'store' })
  sink.take({ type: 'run.waits', run: RUN, agent: 'support', waitsFor: 'budget' })
  assert.deepEqual(sent, [])
})
