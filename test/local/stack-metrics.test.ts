import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { EXAMPLE } from '../../examples/shop/example.ts'
import { METRICS } from '../../src/policies/operations/telemetry.ts'
import { promtool } from '../support/prometheus/promtool.ts'
import { type StackProcess, startStackProcess } from '../support/stack-process.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { type Caller, createCaller } from '../system/runs/support/caller.ts'
import { samplesOf, seriesValue } from '../telemetry/metrics/support/samples.ts'

/** Families that the worked example leaves on the page of the local stack, with an approval and a tool that changes something. */
const FAMILIES = [
  'holdfast_runs_accepted_total',
  'holdfast_runs_ended_total',
  'holdfast_run_duration_seconds_count',
  'holdfast_model_attempts_total',
  'holdfast_model_calls_total',
  'holdfast_tokens_total',
  'holdfast_tool_attempts_total',
  'holdfast_tool_duration_seconds_count',
  'holdfast_run_waits_total',
  'holdfast_approvals_decided_total',
  'holdfast_approval_wait_seconds_count',
  'holdfast_http_requests_total',
  'holdfast_http_request_duration_seconds_count',
  'gen_ai_client_operation_duration_seconds_count',
  'gen_ai_client_operation_time_to_first_chunk_seconds_count',
  'gen_ai_client_token_usage_count',
  'holdfast_breaker_state',
  'holdfast_workers',
  'holdfast_queue_depth',
  'holdfast_queue_oldest_age_seconds',
  'holdfast_store_up',
  'holdfast_temporal_up',
  'holdfast_db_pool_connections',
  'holdfast_db_pool_waiting',
  'nodejs_eventloop_delay_p99_seconds',
  'nodejs_eventloop_utilization',
  'process_resident_memory_bytes',
  'process_cpu_seconds_total',
  'holdfast_build_info',
  'temporal_workflow_task_schedule_to_start_latency_seconds_count',
  'temporal_activity_schedule_to_start_latency_seconds_count',
  'temporal_worker_task_slots_available',
  'temporal_sticky_cache_size',
]

const dataDir = join(temporaryDirectory(), 'data')
const CANARY = 'Canary Wharf 4711'

describe('the one page of npm start', () => {
  let stack: StackProcess
  let caller: Caller

  before(async () => {
    stack = await startStackProcess(dataDir)
    caller = createCaller(stack.url, stack.headers)
  })
  after(async () => {
    if (stack?.child.exitCode === null && stack.child.signalCode === null) await stack.interrupt()
  })

  const read = async () => (await fetch(new URL('/metrics', stack.url))).text()
  const until = async (page: (text: string) => boolean) => {
    const began = performance.now()
    for (;;) {
      const text = await read()
      if (page(text)) return text
      assert.ok(performance.now() - began < 2 * METRICS.askedEveryMs, text)
      await delay(200)
    }
  }

  test('tells what waits for a person, and no more once it is decided', async () => {
    const { status, body } = await caller.start({
      ...EXAMPLE,
      input: `${EXAMPLE.input} I live at ${CANARY}.`,
    })
    assert.equal(status, 202, stack.output())
    await caller.until(body.id, 'approval.requested')
    await until((page) => seriesValue(page, 'holdfast_approvals_waiting{agent="billing"}') === 1)

    const [approval] = (await caller.pendingApprovals()).body.data
    assert.ok(approval)
    await caller.decide(approval, { decision: 'approve' })
    assert.equal((await caller.untilEnd(body.id)).status, 'completed')
    await until((page) => !samplesOf(page).some((line) => line.startsWith('holdfast_approvals_waiting')))
  })

  test('has every family that the example touches, from all parts of the process', async () => {
    const page = await read()
    const families = new Set(samplesOf(page).map((line) => /^[a-z_0-9]+/.exec(line)?.[0]))
    assert.deepEqual(
      FAMILIES.filter((family) => !families.has(family)),
      [],
    )
    const ended = samplesOf(page).filter((line) => line.startsWith('holdfast_runs_ended_total'))
    assert.equal(ended.length, 1)
    assert.match(ended[0] ?? '', /\{agent="support",agent_version="[^"]+",status="completed",reason=""\} 1$/)
    assert.equal(
      seriesValue(
        page,
        'holdfast_approvals_decided_total{agent="billing",tool="issue_refund",outcome="approved"}',
      ),
      1,
    )
    assert.equal(seriesValue(page, 'holdfast_store_up'), 1)
    assert.equal(seriesValue(page, 'holdfast_temporal_up'), 1)
    assert.match(page, /^holdfast_build_info\{version="[\d.]+",build_id="[0-9a-f]+",kind="all"\} 1$/m)
  })

  test('passes promtool check metrics', async () => {
    promtool(['check', 'metrics'], await read())
  })

  test('holds no word of the run, no person, no tenant and no id', async () => {
    const page = await read()
    for (const text of [
      /Canary/,
      /espresso/,
      /\b(run|apr|req|hf)_[0-9a-z]{12}/,
      /principal/,
      /tenant/,
      /"local"/,
    ])
      assert.doesNotMatch(page, text)
  })
})
