import type { Attributes, Observable } from '@opentelemetry/api'
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { FactSink } from '../telemetry.ts'
import { createBoundedLabels } from './bounded-labels.ts'
import { countFacts } from './count-facts.ts'
import { COUNTERS, type CounterName } from './counters.ts'
import { HISTOGRAMS, type HistogramName } from './histograms.ts'
import type { Label, LabelsOf } from './metric-row.ts'
import { PageReader } from './page-reader.ts'
import { READ, type ReadingSource } from './readings.ts'

/*
 * OpenTelemetry's SDK: it bounds the series of a metric, keeps histograms, and with its Prometheus serialiser the names on the page are those of
 * our tables. An addition serialises its labels to find the series: 2.5 to 5 µs, so 4 µs for a request and 30 µs for a model call, whose fact
 * has eleven of them, on a machine where a step takes some milliseconds.
 */

/** The metrics of a process. */
export interface Metrics {
  /** Counts facts. */
  readonly sink: FactSink
  /** Adds metrics that are read at each scrape, in the order in which they were added. */
  read(source: ReadingSource): void
  /** Adds the page of another exporter to this one's. Resolves in time for the page, and never rejects. */
  append(page: () => Promise<string>): void
  /** All of it in Prometheus' text format. Readers at the same time share one page. */
  page(): Promise<string>
}

/** Counts and measures. A label with an empty value is none. */
export interface Meter {
  /** @param by at least 0 */
  add<N extends CounterName>(name: N, labels: LabelsOf<(typeof COUNTERS)[N]>, by?: number): void
  /** @param value in the metric's unit, at least 0 */
  measure<N extends HistogramName>(name: N, labels: LabelsOf<(typeof HISTOGRAMS)[N]>, value: number): void
}

export interface MetricsOptions {
  /** Whether the metrics marked with a tenant tell tenants apart: for installations whose tenants are few. */
  readonly tenants: boolean
}

/** One entry of `make` for each row, under the row's name. */
function table<N extends string, R, T>(
  rows: Readonly<Record<N, R>>,
  make: (name: N, row: R) => T,
): Record<N, T> {
  const entries = Object.entries<R>(rows).map(([name, row]) => [name, make(name as N, row)])
  return Object.fromEntries(entries) as Record<N, T>
}

export function createMetrics({ tenants }: MetricsOptions): Metrics {
  const reader = new PageReader()
  const meter = new MeterProvider({ readers: [reader] }).getMeter('holdfast')
  const serializer = new PrometheusSerializer(undefined, false, undefined, true, true)
  const bounded = createBoundedLabels()
  const labelsOf = (labels: readonly Label[]) => (tenants ? labels : labels.filter((one) => one !== 'tenant'))

  const counters = table(COUNTERS, (name, { help, labels }) => ({
    counter: meter.createCounter(name, { description: help }),
    labels: labelsOf(labels),
  }))
  const histograms = table(HISTOGRAMS, (name, { help, labels, buckets }) => ({
    histogram: meter.createHistogram(name, {
      description: help,
      advice: { explicitBucketBoundaries: [...buckets] },
    }),
    labels: labelsOf(labels),
  }))
  const observed = table(READ, (name, { type, help, labels }) => ({
    instrument:
      type === 'gauge'
        ? meter.createObservableGauge(name, { description: help })
        : meter.createObservableCounter(name, { description: help }),
    labels: labelsOf(labels),
  }))

  function attributesOf(labels: readonly Label[], values: Readonly<Record<string, string>>): Attributes {
    const attributes: Attributes = {}
    for (const label of labels) attributes[label] = bounded(label, values[label] ?? '')
    return attributes
  }

  const sources: ReadingSource[] = []
  const appended: (() => Promise<string>)[] = []
  meter.addBatchObservableCallback(
    async (result) => {
      for (const readings of await Promise.all(sources.map((read) => read()))) {
        for (const { name, labels, value } of readings) {
          const row = observed[name]
          result.observe(row.instrument, value, attributesOf(row.labels, labels))
        }
      }
    },
    Object.values<{ instrument: Observable }>(observed).map(({ instrument }) => instrument),
  )

  async function make(): Promise<string> {
    const [{ resourceMetrics, errors }, ...pages] = await Promise.all([
      reader.collect(),
      ...appended.map((page) => page()),
    ])
    if (errors.length > 0) throw new AggregateError(errors, 'Metrics could not be read.')
    return [serializer.serialize(resourceMetrics), ...pages].join('')
  }

  let underWay: Promise<string> | null = null
  return {
    sink: countFacts({
      add(name, labels, by = 1) {
        const row = counters[name]
        row.counter.add(by, attributesOf(row.labels, labels))
      },
      measure(name, labels, value) {
        const row = histograms[name]
        row.histogram.record(value, attributesOf(row.labels, labels))
      },
    }),
    read: (source) => void sources.push(source),
    append: (page) => void appended.push(page),
    page() {
      underWay ??= make().finally(() => {
        underWay = null
      })
      return underWay
    },
  }
}
