import { counter, gauge, histogram, type Series } from './series.ts'

/*
 * A healthy installation in the middle of a working day: every metric that is on a page, at what it usually is. Alerts stay quiet on it.
 * `metrics.test.ts` compares it with the tables of the code.
 */

const GEN_AI = {
  gen_ai_operation_name: 'chat',
  gen_ai_provider_name: 'openai',
  gen_ai_request_model: 'gpt-5.5',
  gen_ai_agent_name: 'clerk',
  error_type: '',
}
const AGENT = { agent: 'clerk' }
const MODEL = { provider: 'openai', model: 'gpt-5.5' }
const TOOL = { tool: 'find_order' }
const QUEUE = { task_queue: 'holdfast' }
const CORE = { namespace: 'default', ...QUEUE }

const ended = (status: string, reason: string, perMinute: number) =>
  counter('holdfast_runs_ended_total', { ...AGENT, agent_version: 'v1', status, reason }, perMinute)

const runs: readonly Series[] = [
  counter('holdfast_runs_accepted_total', AGENT, 60),
  ended('completed', '', 59),
  ended('failed', 'internal_error', 0.5),
  ended('cancelled', 'cancel_requested', 0.5),
  ...histogram(
    'holdfast_run_duration_seconds',
    { ...AGENT, status: 'completed' },
    { perMinute: 59, value: 8 },
  ),
  gauge('holdfast_runs_open', { ...AGENT, status: 'queued' }, 0),
  gauge('holdfast_runs_open', { ...AGENT, status: 'in_progress' }, 12),
  gauge('holdfast_runs_open', { ...AGENT, status: 'requires_action' }, 3),
  counter('holdfast_activity_retries_total', { activity: 'callModel', code: 'model_overloaded' }, 2),
]

const models: readonly Series[] = [
  counter('holdfast_model_attempts_total', { ...AGENT, ...MODEL, outcome: 'answered', code: '' }, 120),
  counter(
    'holdfast_model_attempts_total',
    { ...AGENT, ...MODEL, outcome: 'failed', code: 'model_overloaded' },
    1,
  ),
  counter('holdfast_model_calls_total', { ...AGENT, ...MODEL, fallback: 'false' }, 118),
  counter('holdfast_model_calls_total', { ...AGENT, ...MODEL, fallback: 'true' }, 2),
  counter('holdfast_model_held_back_total', { ...MODEL, code: 'model_limit_reached' }, 1),
  ...histogram('gen_ai_client_operation_duration_seconds', GEN_AI, {
    perMinute: 120,
    value: 2,
  }),
  ...histogram('gen_ai_client_operation_time_to_first_chunk_seconds', GEN_AI, {
    perMinute: 120,
    value: 0.4,
  }),
  ...histogram(
    'gen_ai_client_token_usage',
    { ...GEN_AI, gen_ai_token_type: 'input' },
    { perMinute: 120, value: 900 },
  ),
  ...histogram(
    'gen_ai_client_token_usage',
    { ...GEN_AI, gen_ai_token_type: 'output' },
    { perMinute: 120, value: 100 },
  ),
  gauge('holdfast_breaker_state', MODEL, 0),
  counter('holdfast_cache_lookups_total', { ...AGENT, outcome: 'exact' }, 30),
  counter('holdfast_cache_lookups_total', { ...AGENT, outcome: 'miss' }, 90),
  counter('holdfast_cache_saved_micro_usd_total', AGENT, 9_000),
]

const money: readonly Series[] = [
  ...Object.entries({ input: 108_000, cached_input: 40_000, output: 12_000, reasoning: 4_000 }).map(
    ([type, perMinute]) => counter('holdfast_tokens_total', { ...AGENT, ...MODEL, type }, perMinute),
  ),
  counter('holdfast_cost_micro_usd_total', { ...AGENT, ...MODEL }, 60_000),
  counter('holdfast_unpriced_calls_total', MODEL, 0),
  counter('holdfast_budget_refusals_total', { ...AGENT, scope: 'run', limit: 'cost' }, 0.1),
]

const tools: readonly Series[] = [
  counter('holdfast_tool_attempts_total', { ...AGENT, ...TOOL, outcome: 'ok', code: '' }, 80),
  counter('holdfast_tool_refusals_total', { ...AGENT, ...TOOL, code: 'tool_not_allowed' }, 0.1),
  counter('holdfast_tool_attempts_total', { ...AGENT, ...TOOL, outcome: 'failed', code: 'tool_refused' }, 4),
  counter(
    'holdfast_tool_attempts_total',
    { ...AGENT, ...TOOL, outcome: 'retried', code: 'tool_timed_out' },
    1,
  ),
  ...histogram(
    'holdfast_tool_duration_seconds',
    { ...TOOL, outcome: 'ok' },
    {
      perMinute: 80,
      value: 0.2,
    },
  ),
]

const people: readonly Series[] = [
  gauge('holdfast_approvals_waiting', AGENT, 3),
  gauge('holdfast_approvals_oldest_age_seconds', AGENT, 1_200),
  counter('holdfast_run_waits_total', { ...AGENT, reason: 'approval' }, 1),
  counter('holdfast_approvals_decided_total', { ...AGENT, tool: 'refund', outcome: 'approved' }, 1),
  ...histogram('holdfast_approval_wait_seconds', AGENT, { perMinute: 1, value: 400 }),
  counter('holdfast_guard_trips_total', { guard: 'forgery' }, 0),
]

const webhooks: readonly Series[] = [
  counter('holdfast_webhook_attempts_total', { type: 'run.completed', outcome: 'delivered', code: '' }, 20),
  ...histogram('holdfast_webhook_duration_seconds', { outcome: 'delivered' }, { perMinute: 20, value: 0.2 }),
]

const API = { job: 'holdfast-api', instance: 'api:3000' }
const WORKER = { job: 'holdfast-worker', instance: 'worker:3001' }

const processes: readonly Series[] = [API, WORKER].flatMap((target) => [
  gauge('up', target, 1),
  gauge('holdfast_store_up', target, 1),
  gauge('holdfast_temporal_up', target, 1),
  counter('holdfast_outages_total', { ...target, of: 'store' }, 0),
  gauge('holdfast_db_pool_connections', { ...target, state: 'used' }, 4),
  gauge('holdfast_db_pool_connections', { ...target, state: 'idle' }, 6),
  gauge('holdfast_db_pool_waiting', target, 0),
  gauge('nodejs_eventloop_delay_p99_seconds', target, 0.03),
  gauge('nodejs_eventloop_utilization', target, 0.4),
  gauge('process_resident_memory_bytes', target, 300e6),
  counter('process_cpu_seconds_total', target, 20),
  gauge('holdfast_build_info', { ...target, version: '0.4.0', build_id: 'abc', kind: target.job }, 1),
])

const platform: readonly Series[] = [
  ...['workflow', 'activity'].flatMap((type) => [
    gauge('holdfast_queue_depth', { ...QUEUE, type }, 2),
    gauge('holdfast_queue_oldest_age_seconds', { ...QUEUE, type }, 0.1),
    ...histogram(
      `temporal_${type === 'workflow' ? 'workflow_task' : type}_schedule_to_start_latency_seconds`,
      CORE,
      {
        perMinute: 200,
        value: 0.02,
      },
    ),
  ]),
  gauge('holdfast_workers', QUEUE, 2),
  counter('holdfast_http_requests_total', { method: 'POST', route: '/v1/runs', status: '202' }, 60),
  counter('holdfast_http_requests_total', { method: 'GET', route: '/v1/runs/:id', status: '503' }, 0.2),
  counter('holdfast_requests_limited_total', { limit: 'requests', scope: 'caller' }, 0.1),
  counter('holdfast_requests_shed_total', { kind: 'read', reason: 'under_way' }, 0.1),
  ...histogram(
    'holdfast_http_request_duration_seconds',
    { method: 'POST', route: '/v1/runs' },
    {
      perMinute: 60,
      value: 0.03,
    },
  ),
  gauge('temporal_worker_task_slots_available', { ...CORE, worker_type: 'ActivityWorker' }, 180),
  gauge('temporal_sticky_cache_size', CORE, 40),
  counter(
    'temporal_workflow_task_execution_failed',
    { ...CORE, workflow_type: 'agentRun', failure_reason: 'WorkflowError' },
    0,
  ),
]

export const HEALTHY: readonly Series[] = [
  ...runs,
  ...models,
  ...money,
  ...tools,
  ...people,
  ...webhooks,
  ...processes,
  ...platform,
]
