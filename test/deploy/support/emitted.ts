import { COUNTERS } from '../../../src/telemetry/metrics/counters.ts'
import { HISTOGRAMS } from '../../../src/telemetry/metrics/histograms.ts'
import { READ } from '../../../src/telemetry/metrics/readings.ts'

/** A metric as it is on a page. */
export interface EmittedMetric {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly labels: readonly string[]
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[]
}

type Metrics = Readonly<Record<string, EmittedMetric>>

/** The tables of the code, as one. */
export const OURS: Metrics = {
  ...withType(COUNTERS, 'counter'),
  ...withType(HISTOGRAMS, 'histogram'),
  ...READ,
}

const SCHEDULE_TO_START = {
  type: 'histogram',
  labels: ['namespace', 'task_queue'],
  buckets: [0.1, 0.5, 1, 5, 10, 100, 1_000],
} as const

/** What rules and dashboards read of Temporal's core. `test/system/dashboards/` compares it with a worker's page. */
export const CORE: Metrics = {
  temporal_workflow_task_schedule_to_start_latency_seconds: SCHEDULE_TO_START,
  temporal_activity_schedule_to_start_latency_seconds: SCHEDULE_TO_START,
  temporal_worker_task_slots_available: {
    type: 'gauge',
    labels: ['namespace', 'task_queue', 'worker_type'],
  },
  temporal_sticky_cache_size: { type: 'gauge', labels: ['namespace', 'task_queue'] },
  temporal_workflow_task_execution_failed: {
    type: 'counter',
    labels: ['namespace', 'task_queue', 'workflow_type', 'failure_reason'],
  },
}

/** What Prometheus itself has of each target, and of alerts. */
const OF_PROMETHEUS: Metrics = {
  up: { type: 'gauge', labels: [] },
  ALERTS: { type: 'gauge', labels: ['alertname', 'alertstate', 'severity'] },
}

export const EMITTED: Metrics = { ...OURS, ...CORE, ...OF_PROMETHEUS }

/** The labels that a scrape adds. */
export const OF_TARGET = ['job', 'instance'] as const

const PARTS = ['bucket', 'count', 'sum']

/** The name of the metric that a series belongs to. */
export function metricOf(series: string): string {
  const [, family = '', part = ''] = /^(.*)_(\w+)$/.exec(series) ?? []
  return PARTS.includes(part) && EMITTED[family]?.type === 'histogram' ? family : series
}

/** The labels of a series, those that a scrape adds among them; undefined where no page has it. */
export function labelsOfSeries(name: string): readonly string[] | undefined {
  const family = metricOf(name)
  const metric = EMITTED[family]
  // A histogram's own name is no series.
  if (metric === undefined || (metric.type === 'histogram' && family === name)) return undefined
  return [...metric.labels, ...OF_TARGET, ...(name === `${family}_bucket` ? ['le'] : [])]
}

function withType(
  rows: Readonly<Record<string, Omit<EmittedMetric, 'type'>>>,
  type: EmittedMetric['type'],
): Metrics {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, { ...row, type }]))
}
