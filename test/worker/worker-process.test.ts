import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { ListeningProcess } from '../support/holdfast-process.ts'
import { promtool } from '../support/prometheus/promtool.ts'
import { type ChaosSystem, startChaosSystem } from '../system/chaos/support/chaos-system.ts'
import { seriesValue } from '../telemetry/metrics/support/samples.ts'

const CANARY = 'Canary-Wharf-4711'

let system: ChaosSystem
let worker: ListeningProcess

before(async () => {
  system = await startChaosSystem(() => ({ text: `Done for ${CANARY}.` }))
  worker = await system.startWorker()
})
after(() => system.close())

const page = async () => (await fetch(`${worker.url}/metrics`)).text()

test('a worker process lives and is ready on its own port', async () => {
  assert.equal((await fetch(`${worker.url}/health`)).status, 200)
  const began = performance.now()
  while ((await fetch(`${worker.url}/ready`)).status !== 200) assert.ok(performance.now() - began < 20_000)
})

test('its page counts what it did, has core’s metrics in seconds, and passes promtool check metrics', async () => {
  const { id } = (await system.caller.start({ agent: 'assistant', input: `I am ${CANARY}.` })).body
  assert.equal((await system.caller.untilEnd(id)).status, 'completed')
  const text = await page()
  assert.match(text, /^holdfast_model_calls_total\{agent="assistant",.*fallback="false"\} 1$/m)
  assert.match(text, /^holdfast_build_info\{version="[\d.]+",build_id="[0-9a-f]{12}",kind="worker"\} 1$/m)
  for (const name of [
    'temporal_workflow_task_schedule_to_start_latency_seconds_bucket',
    'temporal_activity_schedule_to_start_latency_seconds_bucket',
    'temporal_worker_task_slots_available',
    'temporal_sticky_cache_size',
  ])
    assert.match(text, new RegExp(`^${name}\\{`, 'm'))
  assert.equal(seriesValue(text, 'holdfast_store_up'), 1)
  assert.equal(seriesValue(text, 'holdfast_temporal_up'), 1)
  promtool(['check', 'metrics'], text)
  for (const secret of [CANARY, id, 'principal']) assert.ok(!text.includes(secret), secret)
})

test('a second worker on the same port ends with the name of the variable to set', async () => {
  const { port } = new URL(worker.url)
  await assert.rejects(system.startWorker(undefined, { HOLDFAST_WORKER_PORT: port }), (error: Error) => {
    assert.match(error.message, /^The worker \(1\) /)
    assert.match(error.message, new RegExp(`Port ${port} of 127.0.0.1 is taken .*HOLDFAST_WORKER_PORT`))
    return true
  })
})
