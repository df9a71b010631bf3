import type { Dashboard } from './dashboard.ts'
import { lines, stat, table } from './panel.ts'
import { CHOSEN, counted } from './queries.ts'
import { AGENT } from './variables.ts'

/** For whoever is on call: is it well, and if it is not, where. */
export const OPERATIONS: Dashboard = {
  uid: 'holdfast-operations',
  title: 'Holdfast: operations',
  description:
    'Is it well, and if it is not, where. Read from the top: each row narrows down what the one above shows.',
  from: 'now-3h',
  variables: [AGENT],
  rows: {
    'Is it well?': [
      stat('Runs that complete', `min(agent:holdfast_run_success:ratio_rate15m{${CHOSEN.agent}})`, {
        description:
          'Share of the runs that ended in the last 15 minutes and completed; cancelled ones are left out.',
        unit: 'percentunit',
        red: { below: 0.95 },
        runbooks: ['runs-failing', 'run-failures-unusual'],
      }),
      stat('Workers', 'sum(task_queue:holdfast_workers:max)', {
        description: 'Workers that poll the task queue. Without any, runs are accepted and do not go on.',
        unit: 'none',
        red: { below: 1 },
        runbooks: ['no-worker'],
      }),
      stat('Store', 'min(holdfast_store_up)', {
        description: '1 while the store answers every process, 0 while it is away from one.',
        unit: 'none',
        red: { below: 1 },
        runbooks: ['store-away'],
      }),
      stat('Temporal', 'min(holdfast_temporal_up)', {
        description: '1 while Temporal answers every process, 0 while it is away from one.',
        unit: 'none',
        red: { below: 1 },
        runbooks: ['temporal-away'],
      }),
      stat('Models not asked', 'count(provider_model:holdfast_breaker_state:max == 2) or vector(0)', {
        description: 'Models whose circuit is open.',
        unit: 'none',
        red: { above: 1 },
        runbooks: ['breaker-open'],
      }),
      stat('Oldest approval', `max(agent:holdfast_approvals_oldest_age_seconds:max{${CHOSEN.agent}})`, {
        description: 'How long the question that has waited longest has been waiting for a person.',
        unit: 's',
        red: { above: 3_600 },
        without: 'none waits',
        runbooks: ['approval-waits-an-hour', 'approval-waits-a-day'],
      }),
      table(
        'Alerts that fire',
        // A 0 where none fires, so that an empty table means that Prometheus is away.
        'count by (alertname, severity) (ALERTS{alertstate="firing"}) or (vector(0) unless on () count(ALERTS{alertstate="firing"}))',
        {
          description:
            'Alerts by name and severity. The link of each leads to its runbook; the index lists all.',
          unit: 'none',
          runbooks: ['README'],
        },
      ),
      table('Worse than last week', 'signal:holdfast_watched:sigmas', {
        description:
          'Each signal against its own last 7 days, in standard deviations above the mean. Above 3 for 10 minutes it is an alert.',
        unit: 'none',
        red: { above: 3 },
        runbooks: ['README'],
      }),
    ],

    Runs: [
      lines(
        'Runs by how they ended',
        {
          '{{status}} {{reason}}': `sum by (status, reason) (rate(holdfast_runs_ended_total{${CHOSEN.agent}}[$__rate_interval]))`,
        },
        {
          description: 'Runs a second by status and reason.',
          unit: 'reqps',
          runbooks: ['runs-failing'],
        },
      ),
      lines(
        'Open runs',
        { '{{status}}': `sum by (status) (agent_status:holdfast_runs_open:max{${CHOSEN.agent}})` },
        {
          description: 'Runs that have not ended, from the store. Queued ones that grow want workers.',
          unit: 'none',
        },
      ),
      lines(
        'Retries',
        { '{{activity}} {{code}}': 'activity_code:holdfast_activity_retries:increase5m' },
        {
          description:
            'Retried attempts in 5 minutes by activity and cause. A line that stays level for long is a poison run.',
          unit: 'none',
          runbooks: ['retries-high', 'poison-run', 'retries-unusual'],
        },
      ),
    ],

    'Queues and workers': [
      lines(
        'Tasks that wait',
        { '{{task_queue}} {{type}}': 'task_queue_type:holdfast_queue_depth:max' },
        {
          description: 'Tasks in the queue, by Temporal’s own statistics.',
          unit: 'none',
          red: { above: 1_000 },
          runbooks: ['queue-deep'],
        },
      ),
      lines(
        'Wait for a worker',
        {
          'oldest {{type}}': 'task_queue_type:holdfast_queue_oldest_age_seconds:max',
          'p95 {{type}}': 'task_queue_type:temporal_schedule_to_start_seconds:p95_rate5m',
        },
        {
          description: 'Age of the oldest task, and the 95th percentile from scheduling to start.',
          unit: 's',
          runbooks: ['queue-waits', 'schedule-to-start-slow', 'queue-wait-unusual'],
        },
      ),
      lines(
        'Workflow tasks that failed',
        { '{{failure_reason}}': 'reason:temporal_workflow_task_execution_failed:increase15m' },
        {
          description: 'Failed workflow tasks of the last 15 minutes. One is too many: its run stands still.',
          unit: 'none',
          without: 'none',
          runbooks: ['workflow-tasks-fail'],
        },
      ),
      lines(
        'Free slots',
        { '{{worker_type}}': 'sum by (worker_type) (temporal_worker_task_slots_available)' },
        {
          description: 'Tasks that workers could take besides those they have. At 0 more workers are wanted.',
          unit: 'none',
        },
      ),
      lines(
        'Runs in memory',
        { runs: 'sum(temporal_sticky_cache_size)' },
        { description: 'Workflows that workers hold in their sticky caches.', unit: 'none' },
      ),
      lines(
        'Outages',
        { '{{of}}': `sum by (of) (${counted('holdfast_outages_total', '1h')})` },
        {
          description: 'Outages of the store and of Temporal that began in the last hour.',
          unit: 'none',
          without: 'none',
          runbooks: ['store-away', 'temporal-away'],
        },
      ),
    ],

    API: [
      lines(
        'Requests',
        { '{{status}}': 'sum by (status) (rate(holdfast_http_requests_total[$__rate_interval]))' },
        {
          description: 'Requests a second by status, probes and scrapes among them.',
          unit: 'reqps',
          runbooks: ['api-errors'],
        },
      ),
      lines(
        'Answered 5xx',
        { '5xx': 'fleet:holdfast_http_errors:ratio_rate5m' },
        {
          description: 'Share of the requests to /v1 that were answered 5xx.',
          unit: 'percentunit',
          red: { above: 0.02 },
          runbooks: ['api-errors'],
        },
      ),
      lines(
        'Refused: too much to do',
        { '{{reason}}': 'reason:holdfast_requests_shed:rate2m' },
        {
          description:
            'Requests a second that were refused with overloaded, by what there was too much of. tenant_bodies and caller_bodies: one of them has used up its share.',
          unit: 'reqps',
          red: { above: 0.1 },
          without: 'none',
          runbooks: ['requests-shed'],
        },
      ),
      lines(
        'Time to answer',
        { '{{method}} {{route}}': 'topk(10, route:holdfast_http_request_duration_seconds:p99_rate5m)' },
        {
          description:
            '99th percentile by route. Event streams and requests that wait for a run last as long as they are wanted.',
          unit: 's',
        },
      ),
    ],

    Webhooks: [
      lines(
        'Attempts to deliver',
        {
          '{{outcome}} {{code}}':
            'sum by (outcome, code) (rate(holdfast_webhook_attempts_total[$__rate_interval]))',
        },
        {
          description: 'Attempts a second by what came of them. failed and gone are given up.',
          unit: 'reqps',
          runbooks: ['webhooks-failing', 'webhooks-lost'],
        },
      ),
      lines(
        'Attempts that failed',
        { failed: 'fleet:holdfast_webhook_failures:ratio_rate15m' },
        {
          description: 'Share of the attempts of the last 15 minutes that did not arrive.',
          unit: 'percentunit',
          red: { above: 0.5 },
          runbooks: ['webhooks-failing'],
        },
      ),
      lines(
        'Time to deliver',
        {
          '{{outcome}}':
            'histogram_quantile(0.95, sum by (outcome, le) (rate(holdfast_webhook_duration_seconds_bucket[$__rate_interval])))',
        },
        { description: '95th percentile of an attempt. A slow endpoint slows no run.', unit: 's' },
      ),
    ],

    Processes: [
      lines(
        'Event loop',
        { '{{job}} {{instance}}': 'nodejs_eventloop_delay_p99_seconds' },
        {
          description: 'How late a process does what is due (p99). Heartbeats and timers wait as long.',
          unit: 's',
          red: { above: 0.5 },
          runbooks: ['event-loop-lag'],
        },
      ),
      lines(
        'Busy',
        {
          'loop {{instance}}': 'nodejs_eventloop_utilization',
          'cores {{instance}}': 'rate(process_cpu_seconds_total{job=~"holdfast-.*"}[$__rate_interval])',
        },
        { description: 'Event loop utilisation, and processor time in cores.', unit: 'percentunit' },
      ),
      lines(
        'Memory',
        { '{{job}} {{instance}}': 'process_resident_memory_bytes{job=~"holdfast-.*"}' },
        { description: 'Resident memory.', unit: 'bytes' },
      ),
      lines(
        'Database connections',
        {
          '{{state}}': 'sum by (state) (holdfast_db_pool_connections)',
          waiting: 'sum(holdfast_db_pool_waiting)',
        },
        {
          description: 'Connections in use and idle, and statements that wait for one.',
          unit: 'none',
          runbooks: ['database-pool-exhausted'],
        },
      ),
      table('Builds', 'count by (kind, version, build_id) (holdfast_build_info)', {
        description: 'Processes by version and build: two builds at once are a deploy under way.',
        unit: 'none',
        width: 16,
        runbooks: ['target-down'],
      }),
    ],
  },
}
