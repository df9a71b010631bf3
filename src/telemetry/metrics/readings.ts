import type { LabelsOf, MetricRow } from './metric-row.ts'

interface ReadRow extends MetricRow {
  /** A counter that is kept elsewhere, such as the processor time, is read like a gauge. */
  readonly type: 'gauge' | 'counter'
}

/** What is read at the moment of a scrape, by the name that is scraped. */
export const READ = {
  holdfast_runs_open: {
    type: 'gauge',
    help: 'Runs that have not ended.',
    labels: ['agent', 'status'],
  },
  holdfast_approvals_waiting: {
    type: 'gauge',
    help: 'Approvals that wait for a person.',
    labels: ['agent'],
  },
  holdfast_approvals_oldest_age_seconds: {
    type: 'gauge',
    help: 'How long the oldest of the waiting approvals has waited.',
    labels: ['agent'],
  },
  holdfast_breaker_state: {
    type: 'gauge',
    help: 'Circuit breaker of a model: 0 closed, 1 half-open, 2 open.',
    labels: ['provider', 'model'],
  },
  holdfast_workers: {
    type: 'gauge',
    help: 'Worker processes that have announced themselves lately.',
    labels: ['task_queue'],
  },
  holdfast_queue_depth: {
    type: 'gauge',
    help: 'Tasks that wait in Temporal for a worker, about.',
    labels: ['task_queue', 'type'],
  },
  holdfast_queue_oldest_age_seconds: {
    type: 'gauge',
    help: 'How long the oldest task has waited in Temporal, about.',
    labels: ['task_queue', 'type'],
  },
  holdfast_store_up: { type: 'gauge', help: '1 where the store answers this process, else 0.', labels: [] },
  holdfast_temporal_up: { type: 'gauge', help: '1 where Temporal answers this process, else 0.', labels: [] },
  holdfast_db_pool_connections: {
    type: 'gauge',
    help: 'Connections of this process to the store.',
    labels: ['state'],
  },
  holdfast_db_pool_waiting: {
    type: 'gauge',
    help: 'Statements of this process that wait for a connection.',
    labels: [],
  },
  nodejs_eventloop_delay_p99_seconds: {
    type: 'gauge',
    help: 'How late the event loop came to a timer, 99th percentile since the page was last read.',
    labels: [],
  },
  nodejs_eventloop_utilization: {
    type: 'gauge',
    help: 'Share of the time in which the event loop had work, since the page was last read.',
    labels: [],
  },
  process_resident_memory_bytes: { type: 'gauge', help: 'Memory of this process.', labels: [] },
  process_cpu_seconds_total: { type: 'counter', help: 'Processor time of this process.', labels: [] },
  holdfast_build_info: {
    type: 'gauge',
    help: 'Always 1: what runs here.',
    labels: ['version', 'build_id', 'kind'],
  },
} as const satisfies Record<string, ReadRow>

export type ReadName = keyof typeof READ

/** The value of one series at the moment. */
export interface Reading {
  readonly name: ReadName
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Reads some metrics at each scrape. Resolves in time for the page, with what it could find out; never rejects. */
export type ReadingSource = () => Promise<readonly Reading[]>

export function reading<N extends ReadName>(
  name: N,
  labels: LabelsOf<(typeof READ)[N]>,
  value: number,
): Reading {
  return { name, labels, value }
}
