import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { cached } from '../../../src/telemetry/cached.ts'
import { buildInfo } from '../../../src/telemetry/metrics/build-info.ts'
import { createMetrics } from '../../../src/telemetry/metrics/create-metrics.ts'
import { processReadings } from '../../../src/telemetry/metrics/process-readings.ts'
import { type Reading, reading } from '../../../src/telemetry/metrics/readings.ts'
import { temporalReadings } from '../../../src/telemetry/metrics/temporal-readings.ts'
import { samplesOf, seriesValue } from './support/samples.ts'

test('an answer is kept for a while, and so is a failure', async () => {
  let asked = 0
  const number = cached(async () => ++asked, { keptMs: 60_000, withinMs: 10_000 })
  assert.deepEqual([await number(), await number()], [1, 1])
  let failed = 0
  const failing = cached(
    () => {
      failed += 1
      return Promise.reject(new Error('gone'))
    },
    { keptMs: 60_000, withinMs: 10_000 },
  )
  assert.deepEqual([await failing(), await failing(), failed], [null, null, 1])
  const fresh = cached(async () => ++asked, { keptMs: 0, withinMs: 10_000 })
  assert.deepEqual([await fresh(), await fresh()], [2, 3])
})

test('who asks waits no longer than it may, nobody asks twice at once, and a late answer is there for the next', async () => {
  const answer = Promise.withResolvers<string>()
  let asked = 0
  const late = cached(
    () => {
      asked += 1
      return answer.promise
    },
    { keptMs: 60_000, withinMs: 10 },
  )
  assert.deepEqual(await Promise.all([late(), late()]), [null, null])
  assert.equal(await late(), null)
  answer.resolve('at last')
  assert.equal(await late(), 'at last')
  assert.equal(asked, 1)
})

test('a question that is never answered is asked anew after a while', async () => {
  let asked = 0
  const hanging = cached(
    () => {
      asked += 1
      return asked === 1 ? new Promise<number>(() => undefined) : Promise.resolve(asked)
    },
    { keptMs: 0, withinMs: 10_000, givenUpAfterMs: 10 },
  )
  assert.deepEqual([await hanging(), await hanging()], [null, 2])
})

test('a gauge that is not read any more leaves the page', async () => {
  const metrics = createMetrics({ tenants: false })
  let readings: Reading[] = [
    reading('holdfast_approvals_waiting', { agent: 'a' }, 3),
    reading('holdfast_approvals_waiting', { agent: 'b' }, 1),
  ]
  metrics.read(async () => readings)
  assert.equal(samplesOf(await metrics.page()).length, 2)
  readings = readings.slice(1)
  assert.deepEqual(samplesOf(await metrics.page()), ['holdfast_approvals_waiting{agent="b"} 1'])
})

test('readers at the same time share one page', async () => {
  const metrics = createMetrics({ tenants: false })
  let read = 0
  metrics.read(async () => {
    read += 1
    return []
  })
  const [one, other] = await Promise.all([metrics.page(), metrics.page()])
  assert.equal(one, other)
  assert.equal(read, 1)
})

test('the process tells its memory, its processor time, and how busy and how late its event loop is', async () => {
  const metrics = createMetrics({ tenants: false })
  metrics.read(processReadings())
  metrics.read(buildInfo('worker', 'abc'))
  const busy = (ms: number) => {
    for (const until = performance.now() + ms; performance.now() < until; );
  }
  // The sampler's timer has to be set before the loop is blocked.
  await delay(50)
  busy(300)
  await delay(50)
  const page = await metrics.page()
  assert.ok((seriesValue(page, 'nodejs_eventloop_delay_p99_seconds') ?? 0) > 0.2, page)
  assert.ok((seriesValue(page, 'nodejs_eventloop_utilization') ?? 0) > 0.2, page)
  assert.ok((seriesValue(page, 'process_resident_memory_bytes') ?? 0) > 10_000_000)
  const cpu = seriesValue(page, 'process_cpu_seconds_total') ?? 0
  busy(50)
  assert.ok((seriesValue(await metrics.page(), 'process_cpu_seconds_total') ?? 0) > cpu, 'it counts up')
  assert.match(page, /^# TYPE process_cpu_seconds_total counter$/m)
  assert.match(page, /^holdfast_build_info\{version="[\d.]+",build_id="abc",kind="worker"\} 1$/m)
})

test('a Temporal that refuses is down', async () => {
  const connection = { withDeadline: () => Promise.reject(new Error('14 UNAVAILABLE')) }
  const readings = await temporalReadings(connection as never)()
  assert.deepEqual(readings, [reading('holdfast_temporal_up', {}, 0)])
})
