import type { AlertCase } from '../alert-case.ts'
import { counter, gauge, histogram, still } from '../series.ts'

const QUEUE = { task_queue: 'holdfast' }
const ACTIVITIES = { ...QUEUE, type: 'activity' }
const WORKER = { job: 'holdfast-worker', instance: 'worker:3001' }
const API = { job: 'holdfast-api', instance: 'api:3000' }
const failedTasks = (from: number) =>
  still('temporal_workflow_task_execution_failed', { ...QUEUE, failure_reason: 'NonDeterminismError' }, from)
const started = (value: number) =>
  histogram('temporal_activity_schedule_to_start_latency_seconds', QUEUE, { perMinute: 10, value })
const answered = (status: string, perMinute: number) =>
  counter('holdfast_http_requests_total', { method: 'GET', route: '/v1/runs', status }, perMinute)

const shed = (reason: string, perMinute: number) =>
  counter('holdfast_requests_shed_total', { ...API, kind: 'write', reason }, perMinute)
const webhooks = (outcome: string, perMinute: number, code = '') =>
  counter('holdfast_webhook_attempts_total', { type: 'run.completed', outcome, code }, perMinute)
const LOST = { type: 'run.completed', outcome: 'failed', code: 'webhook_timed_out' }

const both = (api: number, worker: number) => [gauge('up', API, api), gauge('up', WORKER, worker)]

export const PLATFORM_CASES: readonly AlertCase[] = [
  {
    alert: 'HoldfastTargetDown',
    afterMinutes: 2,
    fires: both(1, 0),
    says: {
      labels: WORKER,
      summary: 'holdfast-worker worker:3001 is not seen by Prometheus',
      description:
        'For 2 minutes holdfast-worker worker:3001 has not answered scrapes, or there is no such process. Alerts about it are blind meanwhile.',
    },
    quiet: { 'when all answer': both(1, 1) },
  },
  {
    alert: 'HoldfastNoWorker',
    afterMinutes: 1,
    // Each process of the API reports it.
    fires: ['a', 'b'].map((instance) => gauge('holdfast_workers', { ...QUEUE, instance }, 0)),
    says: {
      labels: QUEUE,
      summary: 'No worker polls holdfast',
      description: 'No worker polls the task queue holdfast. Runs are accepted and do not go on.',
    },
    quiet: { 'with one': [gauge('holdfast_workers', QUEUE, 1)] },
  },
  {
    alert: 'HoldfastStoreAway',
    afterMinutes: 1,
    fires: [gauge('holdfast_store_up', API, 1), gauge('holdfast_store_up', WORKER, 0)],
    says: {
      labels: WORKER,
      summary: 'The store does not answer worker:3001',
      description: 'For a minute the store has not answered holdfast-worker worker:3001.',
    },
    quiet: { 'when it answers': [gauge('holdfast_store_up', API, 1)] },
  },
  {
    alert: 'HoldfastTemporalAway',
    afterMinutes: 1,
    fires: [gauge('holdfast_temporal_up', API, 0)],
    says: {
      labels: API,
      summary: 'Temporal does not answer api:3000',
      description: 'For a minute Temporal has not answered holdfast-api api:3000.',
    },
    quiet: { 'when it answers': [gauge('holdfast_temporal_up', API, 1)] },
  },
  {
    alert: 'HoldfastQueueWaits',
    afterMinutes: 5,
    fires: [gauge('holdfast_queue_oldest_age_seconds', ACTIVITIES, 90)],
    says: {
      labels: ACTIVITIES,
      summary: 'activity tasks wait for workers',
      description: 'The oldest activity task of holdfast has waited 1m 30s.',
    },
    quiet: { 'at a minute': [gauge('holdfast_queue_oldest_age_seconds', ACTIVITIES, 60)] },
  },
  {
    alert: 'HoldfastQueueDeep',
    afterMinutes: 10,
    fires: [gauge('holdfast_queue_depth', ACTIVITIES, 1_200)],
    says: {
      labels: ACTIVITIES,
      summary: 'activity tasks pile up',
      description: '1200 activity tasks wait in holdfast.',
    },
    quiet: { 'at 1,000': [gauge('holdfast_queue_depth', ACTIVITIES, 1_000)] },
  },
  {
    alert: 'HoldfastScheduleToStartSlow',
    afterMinutes: 10,
    fires: started(6),
    says: {
      labels: ACTIVITIES,
      summary: 'activity tasks start late',
      description: 'One in 20 activity tasks of holdfast starts more than 9.75s after it was scheduled.',
    },
    quiet: { 'at 5 seconds': started(5) },
  },
  {
    alert: 'HoldfastWorkflowTasksFail',
    fires: [{ ...failedTasks(1), bornAfter: 30 }],
    says: {
      labels: { failure_reason: 'NonDeterminismError' },
      summary: 'Workflow tasks fail: NonDeterminismError',
      description:
        '1 workflow tasks failed with NonDeterminismError in the last 15 minutes. Their runs stand still.',
    },
    quiet: { 'long after the last one': [failedTasks(3)] },
  },
  {
    alert: 'HoldfastApiErrors',
    afterMinutes: 5,
    fires: [answered('200', 97), answered('500', 2), answered('503', 1)],
    says: {
      labels: {},
      summary: 'The API answers with errors',
      description: '3% of the requests of the last 5 minutes were answered 5xx; above 2 % this fires.',
    },
    quiet: {
      'at 2 %': [answered('200', 98), answered('500', 2)],
      'with 4 errors': [answered('200', 3), answered('500', 0.8)],
      'where callers are at fault': [answered('200', 50), answered('422', 50)],
      'where only probes hear that something is away': [
        counter('holdfast_http_requests_total', { method: 'GET', route: '/ready', status: '503' }, 50),
        answered('200', 50),
      ],
    },
  },
  {
    alert: 'HoldfastRequestsShed',
    afterMinutes: 5,
    // By two processes.
    fires: [
      shed('bodies', 30),
      { ...shed('bodies', 60), labels: { ...shed('bodies', 60).labels, instance: 'api-2:3000' } },
    ],
    says: {
      labels: { reason: 'bodies' },
      summary: 'The API refuses requests (bodies)',
      description: '1.5 requests a second were answered overloaded for 5 minutes (bodies).',
    },
    quiet: {
      'at 6 a minute': [shed('bodies', 6)],
      'in the first minutes of a burst': [{ ...shed('under_way', 600), bornAfter: 35 }],
      'long after a burst': [
        still('holdfast_requests_shed_total', { ...API, kind: 'read', reason: 'store' }, 5_000),
      ],
    },
  },
  {
    alert: 'HoldfastWebhooksFailing',
    afterMinutes: 15,
    fires: [webhooks('delivered', 4), webhooks('retried', 6, 'webhook_timed_out')],
    says: {
      labels: {},
      summary: 'Webhooks do not arrive',
      description:
        '60% of the attempts to deliver webhooks failed in the last 15 minutes; above 50 % this fires.',
    },
    quiet: {
      'at half of them': [webhooks('delivered', 5), webhooks('retried', 5, 'webhook_timed_out')],
      'with 15 attempts': [webhooks('retried', 1, 'webhook_timed_out')],
    },
  },
  {
    alert: 'HoldfastWebhooksLost',
    fires: [{ ...still('holdfast_webhook_attempts_total', LOST, 2), bornAfter: 30 }],
    says: {
      labels: { outcome: 'failed' },
      summary: 'Webhooks were given up (failed)',
      description: '2 deliveries ended in the last 30 minutes without having arrived (failed).',
    },
    quiet: {
      'while they are tried again': [webhooks('retried', 50, 'webhook_timed_out')],
      'long after the last one': [still('holdfast_webhook_attempts_total', LOST, 3)],
    },
  },
  {
    alert: 'HoldfastEventLoopLag',
    afterMinutes: 5,
    fires: [gauge('nodejs_eventloop_delay_p99_seconds', WORKER, 0.75)],
    says: {
      labels: WORKER,
      summary: 'holdfast-worker worker:3001 is too busy to react',
      description: 'The event loop of holdfast-worker worker:3001 is 750ms late (p99).',
    },
    quiet: { 'at half a second': [gauge('nodejs_eventloop_delay_p99_seconds', WORKER, 0.5)] },
  },
  {
    alert: 'HoldfastDatabasePoolExhausted',
    afterMinutes: 5,
    fires: [gauge('holdfast_db_pool_waiting', API, 3)],
    says: {
      labels: API,
      summary: 'holdfast-api api:3000 waits for database connections',
      description:
        'For 5 minutes at least 3 statements of holdfast-api api:3000 have waited for a connection.',
    },
    quiet: {
      'when none waits': [gauge('holdfast_db_pool_waiting', API, 0)],
      'for its first minutes': [{ ...gauge('holdfast_db_pool_waiting', API, 3), bornAfter: 37 }],
    },
  },
]
