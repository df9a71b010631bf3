import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import type { TracesConfig } from '../../../src/config/traces.ts'
import { TRACES } from '../../../src/policies/operations/traces.ts'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import type { FactOf } from '../../../src/telemetry/facts.ts'
import { readManifest } from '../../../src/telemetry/manifest.ts'
import { openTelemetry } from '../../../src/telemetry/open-telemetry.ts'
import { openTraces } from '../../../src/telemetry/traces/open-traces.ts'
import { startOtlpReceiver } from './support/otlp-receiver.ts'

const RUN = toFactRun({ runId: 'run_1', tenant: 'acme', principal: 'ann' })

function attempted(attempt: number): FactOf<'tool.attempted'> {
  return {
    type: 'tool.attempted',
    run: RUN,
    agent: 'support',
    step: 1,
    index: attempt,
    again: 0,
    attempt: 1,
    isLocal: false,
    callId: 'call_1',
    tool: 'look_up',
    effect: 'read',
    outcome: 'ok',
    startedAtMs: 1_000,
    durationMs: 5,
  }
}

function configFor(url: string): TracesConfig {
  return {
    url,
    headers: {},
    serviceName: 'test',
    resource: {},
    sampler: 'always_on',
    ratio: 1,
    content: false,
  }
}

function open(url: string) {
  const lines: { readonly level: number; readonly msg: string; readonly spans?: number }[] = []
  const logger = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) })
  const config = configFor(url)
  const traces = openTraces({ config, logger, instance: 'one', findTimeline: async () => null })
  return { traces, lines }
}

test('a process that ends sends the spans that wait', async (context) => {
  const receiver = await startOtlpReceiver()
  context.after(() => receiver.close())
  const { traces } = open(`${receiver.url}/v1/traces`)
  for (let n = 0; n < 3; n += 1) traces.sink.take(attempted(n))
  assert.equal(receiver.requests.length, 0)
  await traces.close()
  const spans = receiver.spans()
  assert.deepEqual(
    spans.map(({ name, startNs, endNs }) => [name, startNs, endNs]),
    Array.from({ length: 3 }, () => ['execute_tool look_up', 1_000_000_000n, 1_005_000_000n]),
  )
  assert.equal(receiver.requests[0]?.headers['content-type'], 'application/x-protobuf')
})

test('spans say which version and build of the product has sent them, unless the operator says more', async (context) => {
  const receiver = await startOtlpReceiver()
  context.after(() => receiver.close())
  const resourceFor = async (resource: TracesConfig['resource'], buildId?: () => string) => {
    const config = { ...configFor(`${receiver.url}/v1/traces`), resource }
    const logger = pino({ level: 'silent' })
    const findTimeline = async () => null
    const traces = openTraces({ config, logger, instance: 'one', findTimeline, ...(buildId && { buildId }) })
    traces.sink.take(attempted(1))
    await traces.close()
    return receiver.spans().at(-1)?.resource
  }
  assert.deepEqual(await resourceFor({}, () => 'abc'), {
    'service.name': 'test',
    'service.version': readManifest().version,
    'service.instance.id': 'one',
    'holdfast.build.id': 'abc',
  })
  const own = await resourceFor({ 'service.version': '7' })
  assert.deepEqual([own?.['service.version'], own?.['holdfast.build.id']], ['7', undefined])
  assert.match(readManifest().version, /^\d+\.\d+\.\d+/)
})

test('a collector that refuses spans has one line in the log, and holds up nobody', async (context) => {
  const receiver = await startOtlpReceiver(400)
  context.after(() => receiver.close())
  const { traces, lines } = open(`${receiver.url}/v1/traces`)
  for (let n = 0; n < 2 * TRACES.mostPerRequest; n += 1) traces.sink.take(attempted(n))
  await traces.close()
  assert.ok(receiver.requests.length >= 2)
  assert.deepEqual(
    lines.map(({ msg }) => msg),
    ['spans could not be sent'],
  )
})

test('a collector that is away costs a process that ends a bounded time', async () => {
  const { traces } = open('http://127.0.0.1:1/v1/traces')
  for (let n = 0; n < TRACES.mostWaiting + 100; n += 1) traces.sink.take(attempted(n))
  const closing = performance.now()
  await traces.close()
  const tookMs = performance.now() - closing
  assert.ok(tookMs < TRACES.flushMs + 1_000, `${tookMs} ms`)
})

test('without a collector no spans are made, and the caller’s word about the trace goes on', async () => {
  const logger = pino({ level: 'silent' })
  const database = () => assert.fail('the store is not asked')
  await using opened = await openTelemetry({ traces: null, secrets: [], logger, instance: 'one', database })
  const { telemetry } = opened
  telemetry.record(attempted(1))
  assert.equal(telemetry.isSampled({ ...RUN.trace, sampled: null }), false)
  assert.equal(telemetry.isSampled({ ...RUN.trace, sampled: true }), true)
})
