import type { METRICS } from '../../policies/operations/telemetry.ts'

/** A label that has a bound. */
export type Label = keyof typeof METRICS.labelValues

/** A metric in a table. Prometheus' name of it is the row's. */
export interface MetricRow {
  readonly help: string
  /** `tenant` is left out unless the operator wants it. */
  readonly labels: readonly Label[]
}

/** The labels of a series. Without a value a label is empty, which Prometheus takes for no label. */
export type LabelsOf<R extends MetricRow> = { readonly [L in R['labels'][number]]: string }
