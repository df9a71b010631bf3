import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fact, FactType } from '../../../src/telemetry/facts.ts'
import { createMetrics } from '../../../src/telemetry/metrics/create-metrics.ts'
import { FACTS } from './support/facts.ts'
import { samplesOf } from './support/samples.ts'

const GEN_AI =
  'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-5.5",gen_ai_agent_name="support",error_type=""'
const MODEL = 'agent="support",provider="openai",model="gpt-5.5"'

/** The samples that each made-up fact leaves on an empty page. */
const EXPECTED: { readonly [T in FactType]: readonly string[] } = {
  'run.accepted': ['holdfast_runs_accepted_total{agent="support"} 1'],
  'run.started': [],
  'run.waits': [],
  'run.goes_on': ['holdfast_run_waits_total{agent="support",reason="approval"} 1'],
  'run.ended': [
    'holdfast_runs_ended_total{agent="support",agent_version="v2",status="incomplete",reason="budget"} 1',
    'holdfast_run_duration_seconds_count{agent="support",status="incomplete"} 1',
    'holdfast_run_duration_seconds_sum{agent="support",status="incomplete"} 42',
  ],
  'model.attempted': [
    `holdfast_model_attempts_total{${MODEL},outcome="answered",code=""} 1`,
    `holdfast_model_calls_total{${MODEL},fallback="false"} 1`,
    `holdfast_tokens_total{${MODEL},type="input"} 900`,
    `holdfast_tokens_total{${MODEL},type="cached_input"} 100`,
    `holdfast_tokens_total{${MODEL},type="output"} 80`,
    `holdfast_tokens_total{${MODEL},type="reasoning"} 30`,
    `holdfast_cost_micro_usd_total{${MODEL}} 1234`,
    `gen_ai_client_operation_duration_seconds_count{${GEN_AI}} 1`,
    `gen_ai_client_operation_duration_seconds_sum{${GEN_AI}} 1.5`,
    `gen_ai_client_operation_time_to_first_chunk_seconds_count{${GEN_AI}} 1`,
    `gen_ai_client_operation_time_to_first_chunk_seconds_sum{${GEN_AI}} 0.25`,
    `gen_ai_client_token_usage_count{${GEN_AI},gen_ai_token_type="input"} 1`,
    `gen_ai_client_token_usage_sum{${GEN_AI},gen_ai_token_type="input"} 900`,
    `gen_ai_client_token_usage_count{${GEN_AI},gen_ai_token_type="output"} 1`,
    `gen_ai_client_token_usage_sum{${GEN_AI},gen_ai_token_type="output"} 80`,
  ],
  'model.held_back': [
    'holdfast_model_held_back_total{provider="openai",model="gpt-5.5",code="model_rate_limited"} 1',
  ],
  'cache.asked': [
    'holdfast_cache_lookups_total{agent="support",outcome="exact"} 1',
    'holdfast_cache_saved_micro_usd_total{agent="support"} 77',
  ],
  'tool.attempted': [
    'holdfast_tool_attempts_total{agent="support",tool="find_order",outcome="failed",code="tool_failed"} 1',
    'holdfast_tool_duration_seconds_count{tool="find_order",outcome="failed"} 1',
    'holdfast_tool_duration_seconds_sum{tool="find_order",outcome="failed"} 1.5',
  ],
  'tool.refused': ['holdfast_tool_refusals_total{agent="support",tool="refund",code="tool_not_allowed"} 1'],
  'approval.requested': [],
  'approval.decided': [
    'holdfast_approvals_decided_total{agent="support",tool="refund",outcome="approved"} 1',
    'holdfast_approval_wait_seconds_count{agent="support"} 1',
    'holdfast_approval_wait_seconds_sum{agent="support"} 1.5',
  ],
  'budget.reached': ['holdfast_budget_refusals_total{agent="support",scope="tenant",limit="cost"} 1'],
  'context.compacted': [],
  'model.routed': [],
  'agent.handed_off': [],
  'sub_agent.ended': [],
  'activity.retried': ['holdfast_activity_retries_total{activity="callModel",code="model_overloaded"} 1'],
  'guard.tripped': ['holdfast_guard_trips_total{guard="forgery"} 1'],
  'webhook.attempted': [
    'holdfast_webhook_attempts_total{type="run.completed",outcome="retried",code="webhook_refused"} 1',
    'holdfast_webhook_duration_seconds_count{outcome="retried"} 1',
    'holdfast_webhook_duration_seconds_sum{outcome="retried"} 1.5',
  ],
  'statement.slow': [],
  'run.spans_lost': [],
  'request.answered': [
    'holdfast_http_requests_total{method="GET",route="/v1/runs/:id",status="404"} 1',
    'holdfast_http_request_duration_seconds_count{method="GET",route="/v1/runs/:id"} 1',
    'holdfast_http_request_duration_seconds_sum{method="GET",route="/v1/runs/:id"} 1.5',
  ],
  'request.shed': ['holdfast_requests_shed_total{kind="read",reason="store"} 1'],
  'request.limited': ['holdfast_requests_limited_total{limit="starts",scope="caller"} 1'],
  'outage.began': ['holdfast_outages_total{of="store"} 1'],
  'outage.ended': [],
}

async function samplesAfter(facts: readonly Fact[], tenants = false): Promise<string[]> {
  const metrics = createMetrics({ tenants })
  for (const fact of facts) metrics.sink.take(fact)
  return samplesOf(await metrics.page())
}

for (const [type, expected] of Object.entries(EXPECTED)) {
  test(`${type} is counted as ${expected.length} samples`, async () => {
    assert.deepEqual((await samplesAfter([FACTS[type as FactType]])).sort(), [...expected].sort())
  })
}

test('the page is Prometheus’ text format, with the histogram’s buckets as its table has them', async () => {
  const metrics = createMetrics({ tenants: false })
  metrics.sink.take(FACTS['approval.decided'])
  assert.equal(
    await metrics.page(),
    `# HELP holdfast_approvals_decided_total Approvals that are over: decided, expired or cancelled.
# TYPE holdfast_approvals_decided_total counter
holdfast_approvals_decided_total{agent="support",tool="refund",outcome="approved"} 1
# HELP holdfast_approval_wait_seconds From the request of an approval to its end.
# TYPE holdfast_approval_wait_seconds histogram
holdfast_approval_wait_seconds_count{agent="support"} 1
holdfast_approval_wait_seconds_sum{agent="support"} 1.5
holdfast_approval_wait_seconds_bucket{agent="support",le="10"} 1
holdfast_approval_wait_seconds_bucket{agent="support",le="60"} 1
holdfast_approval_wait_seconds_bucket{agent="support",le="300"} 1
holdfast_approval_wait_seconds_bucket{agent="support",le="900"} 1
holdfast_approval_wait_seconds_bucket{agent="support",le="3600"} 1
holdfast_approval_wait_seconds_bucket{agent="support",le="14400"} 1
holdfast_approval_wait_seconds_bucket{agent="support",le="43200"} 1
holdfast_approval_wait_seconds_bucket{agent="support",le="86400"} 1
holdfast_approval_wait_seconds_bucket{agent="support",le="259200"} 1
holdfast_approval_wait_seconds_bucket{agent="support",le="604800"} 1
holdfast_approval_wait_seconds_bucket{agent="support",le="+Inf"} 1
`,
  )
})

test('tenants are told apart only where the operator wants it', async () => {
  const facts = [FACTS['run.accepted'], FACTS['run.ended'], FACTS['model.attempted'], FACTS['tool.attempted']]
  const withTenant = (await samplesAfter(facts, true)).filter((line) => line.includes('tenant="acme"'))
  assert.deepEqual(
    new Set(withTenant.map((line) => line.split('{')[0])),
    new Set([
      'holdfast_runs_accepted_total',
      'holdfast_runs_ended_total',
      'holdfast_tokens_total',
      'holdfast_cost_micro_usd_total',
    ]),
  )
  assert.deepEqual(
    (await samplesAfter(facts)).filter((line) => line.includes('acme')),
    [],
  )
})

test('an attempt that failed is no call, has no tokens, and its failure is the operation’s error', async () => {
  const { usage: _, costMicroUsd: __, firstByteMs: ___, ...attempt } = FACTS['model.attempted']
  const samples = await samplesAfter([{ ...attempt, outcome: 'failed', code: 'model_overloaded' }])
  assert.deepEqual(samples.map((line) => line.split('{')[0]).sort(), [
    'gen_ai_client_operation_duration_seconds_count',
    'gen_ai_client_operation_duration_seconds_sum',
    'holdfast_model_attempts_total',
  ])
  assert.ok(samples.some((line) => line.includes('outcome="failed",code="model_overloaded"')))
  assert.ok(samples.some((line) => line.includes('error_type="model_overloaded"')))
})

test('an answer of a later hop is a fallback, and one without a price is counted as such', async () => {
  const samples = await samplesAfter([{ ...FACTS['model.attempted'], hop: 2, costMicroUsd: null }])
  assert.ok(samples.includes(`holdfast_model_calls_total{${MODEL},fallback="true"} 1`))
  assert.ok(samples.includes('holdfast_unpriced_calls_total{provider="openai",model="gpt-5.5"} 1'))
  assert.ok(!samples.some((line) => line.startsWith('holdfast_cost_micro_usd_total')))
})

test('a side call is an attempt with tokens and cost, and no answer to a run', async () => {
  const samples = await samplesAfter([{ ...FACTS['model.attempted'], hop: 1_000, purpose: 'embedding' }])
  assert.ok(!samples.some((line) => line.startsWith('holdfast_model_calls_total')))
  assert.ok(samples.includes(`holdfast_cost_micro_usd_total{${MODEL}} 1234`))
  assert.ok(samples.some((line) => line.includes('gen_ai_operation_name="embeddings"')))
})

test('the same series goes on counting, a millisecond of it too', async () => {
  const request = { ...FACTS['request.answered'], durationMs: 1 }
  const samples = await samplesAfter([request, request, FACTS['outage.began'], FACTS['outage.began']])
  assert.ok(
    samples.includes('holdfast_http_requests_total{method="GET",route="/v1/runs/:id",status="404"} 2'),
  )
  assert.ok(
    samples.includes('holdfast_http_request_duration_seconds_sum{method="GET",route="/v1/runs/:id"} 0.002'),
  )
  assert.ok(samples.includes('holdfast_outages_total{of="store"} 2'))
})
