import type { Dashboard } from './dashboard.ts'
import { lines, stat, table } from './panel.ts'
import { AGENT } from './variables.ts'

/** For whoever is on call: is it well, and if it is not, where. */
export const OPERATIONS: Dashboard = {
  uid: 'holdfast-operations',
  title: 'Holdfast: operations',
  description:
    'Is it well, and if it is not, where. Read from the top: each row narrows down what the one above shows.',
  from: 'now-3h',
  variables: [AGENT],
  rows: [
    {
      title: 'Is it well?',
      panels: [
        stat(
          {
            title: 'Runs that complete',
            description:
              'Share of the runs that ended in the last 15 minutes and completed; cancelled ones are left out.',
            unit: 'percentunit',
            red: { below: 0.95 },
            runbooks: ['runs-failing', 'run-failures-unusual'],
          },
          'min(agent:holdfast_run_success:ratio_rate15m{agent=~"$agent"})',
        ),
        stat(
          {
            title: 'Workers',
            description: 'Workers that poll the task queue. Without any, runs are accepted and do not go on.',
            unit: 'none',
            red: { below: 1 },
            runbooks: ['no-worker'],
          },
          'sum(task_queue:holdfast_workers:max)',
        ),
        stat(
          {
            title: 'Store',
            description: '1 while the store answers every process, 0 while it is away from one.',
            unit: 'none',
            red: { below: 1 },
            runbooks: ['store-away'],
          },
          'min(holdfast_store_up)',
        ),
        stat(
          {
            title: 'Temporal',
            description: '1 while Temporal answers every process, 0 while it is away from one.',
            unit: 'none',
            red: { below: 1 },
            runbooks: ['temporal-away'],
          },
          'min(holdfast_temporal_up)',
        ),
        stat(
          {
            title: 'Models not asked',
            description: 'Models whose circuit is open or half-open.',
            unit: 'none',
            red: { above: 1 },
            runbooks: ['breaker-open'],
          },
          'count(provider_model:holdfast_breaker_state:max > 0) or vector(0)',
        ),
        stat(
          {
            title: 'Oldest approval',
            description: 'How long the question that has waited longest has been waiting for a person.',
            unit: 's',
            red: { above: 3_600 },
            runbooks: ['approval-waits-an-hour', 'approval-waits-a-day'],
          },
          'max(agent:holdfast_approvals_oldest_age_seconds:max{agent=~"$agent"})',
        ),
        table(
          {
            title: 'Alerts that fire',
            description:
              'Alerts by name and severity. The link of each leads to its runbook; the index lists all.',
            unit: 'none',
            runbooks: ['README'],
          },
          // A 0 where none fires, so that an empty table means that Prometheus is away.
          'sort_desc(count by (alertname, severity) (ALERTS{alertstate="firing"}) or (vector(0) unless on () count(ALERTS{alertstate="firing"})))',
        ),
        table(
          {
            title: 'Worse than last week',
            description:
              'Each signal against its own last 7 days, in standard deviations above the mean. Above 3 for 10 minutes it is an alert.',
            unit: 'none',
            red: { above: 3 },
            runbooks: ['README'],
          },
          'sort_desc(signal:holdfast_watched:sigmas)',
        ),
      ],
    },
    {
      title: 'Runs',
      panels: [
        lines(
          {
            title: 'Runs by how they ended',
            description: 'Runs a second by status and reason.',
            unit: 'reqps',
            runbooks: ['runs-failing'],
          },
          {
            expr: 'sum by (status, reason) (rate(holdfast_runs_ended_total{agent=~"$agent"}[$__rate_interval]))',
            legend: '{{status}} {{reason}}',
          },
        ),
        lines(
          {
            title: 'Open runs',
            description: 'Runs that have not ended, from the store. Queued ones that grow want workers.',
            unit: 'none',
          },
          {
            expr: 'sum by (status) (agent_status:holdfast_runs_open:max{agent=~"$agent"})',
            legend: '{{status}}',
          },
        ),
        lines(
          {
            title: 'Retries',
            description:
              'Retried attempts in 5 minutes by activity and cause. A line that stays level for long is a poison run.',
            unit: 'none',
            runbooks: ['retries-high', 'poison-run', 'retries-unusual'],
          },
          { expr: 'activity_code:holdfast_activity_retries:increase5m', legend: '{{activity}} {{code}}' },
        ),
      ],
    },
    {
      title: 'Queues and workers',
      panels: [
        lines(
          {
            title: 'Tasks that wait',
            description: 'Tasks in the queue, by Temporal’s own statistics.',
            unit: 'none',
            red: { above: 1_000 },
            runbooks: ['queue-deep'],
          },
          { expr: 'task_queue_type:holdfast_queue_depth:max', legend: '{{task_queue}} {{type}}' },
        ),
        lines(
          {
            title: 'Wait for a worker',
            description: 'Age of the oldest task, and the 95th percentile from scheduling to start.',
            unit: 's',
            runbooks: ['queue-waits', 'schedule-to-start-slow', 'queue-wait-unusual'],
          },
          { expr: 'task_queue_type:holdfast_queue_oldest_age_seconds:max', legend: 'oldest {{type}}' },
          { expr: 'task_queue_type:temporal_schedule_to_start_seconds:p95_rate5m', legend: 'p95 {{type}}' },
        ),
        lines(
          {
            title: 'Workflow tasks that failed',
            description:
              'Failed workflow tasks of the last 15 minutes. One is too many: its run stands still.',
            unit: 'none',
            runbooks: ['workflow-tasks-fail'],
          },
          {
            expr: 'reason:temporal_workflow_task_execution_failed:increase15m',
            legend: '{{failure_reason}}',
          },
        ),
        lines(
          {
            title: 'Free slots',
            description:
              'Tasks that workers could take besides those they have. At 0 more workers are wanted.',
            unit: 'none',
          },
          { expr: 'sum by (worker_type) (temporal_worker_task_slots_available)', legend: '{{worker_type}}' },
        ),
        lines(
          {
            title: 'Runs in memory',
            description: 'Workflows that workers hold in their sticky caches.',
            unit: 'none',
          },
          { expr: 'sum(temporal_sticky_cache_size)', legend: 'runs' },
        ),
        lines(
          {
            title: 'Outages',
            description: 'Outages of the store and of Temporal that began in the last hour.',
            unit: 'none',
            runbooks: ['store-away', 'temporal-away'],
          },
          { expr: 'sum by (of) (increase(holdfast_outages_total[1h]))', legend: '{{of}}' },
        ),
      ],
    },
    {
      title: 'API',
      panels: [
        lines(
          {
            title: 'Requests',
            description: 'Requests a second by status.',
            unit: 'reqps',
            runbooks: ['api-errors'],
          },
          {
            expr: 'sum by (status) (rate(holdfast_http_requests_total[$__rate_interval]))',
            legend: '{{status}}',
          },
        ),
        lines(
          {
            title: 'Answered 5xx',
            description: 'Share of requests that were answered 5xx.',
            unit: 'percentunit',
            red: { above: 0.02 },
            runbooks: ['api-errors'],
          },
          { expr: 'fleet:holdfast_http_errors:ratio_rate5m', legend: '5xx' },
        ),
        lines(
          {
            title: 'Time to answer',
            description:
              '99th percentile by route. Event streams and requests that wait for a run last as long as they are wanted.',
            unit: 's',
          },
          {
            expr: 'topk(10, route:holdfast_http_request_duration_seconds:p99_rate5m)',
            legend: '{{method}} {{route}}',
          },
        ),
      ],
    },
    {
      title: 'Processes',
      panels: [
        lines(
          {
            title: 'Event loop',
            description: 'How late a process does what is due (p99). Heartbeats and timers wait as long.',
            unit: 's',
            red: { above: 0.5 },
            runbooks: ['event-loop-lag'],
          },
          { expr: 'nodejs_eventloop_delay_p99_seconds', legend: '{{job}} {{instance}}' },
        ),
        lines(
          {
            title: 'Busy',
            description: 'Event loop utilisation, and processor time in cores.',
            unit: 'percentunit',
          },
          { expr: 'nodejs_eventloop_utilization', legend: 'loop {{instance}}' },
          {
            expr: 'rate(process_cpu_seconds_total{job=~"holdfast-.*"}[$__rate_interval])',
            legend: 'cores {{instance}}',
          },
        ),
        lines(
          { title: 'Memory', description: 'Resident memory.', unit: 'bytes' },
          { expr: 'process_resident_memory_bytes{job=~"holdfast-.*"}', legend: '{{job}} {{instance}}' },
        ),
        lines(
          {
            title: 'Database connections',
            description: 'Connections in use and idle, and statements that wait for one.',
            unit: 'none',
            runbooks: ['database-pool-exhausted'],
          },
          { expr: 'sum by (state) (holdfast_db_pool_connections)', legend: '{{state}}' },
          { expr: 'sum(holdfast_db_pool_waiting)', legend: 'waiting' },
        ),
        table(
          {
            title: 'Builds',
            description: 'Processes by version and build: two builds at once are a deploy under way.',
            unit: 'none',
            width: 16,
            runbooks: ['target-down'],
          },
          'count by (kind, version, build_id) (holdfast_build_info)',
        ),
      ],
    },
  ],
}
