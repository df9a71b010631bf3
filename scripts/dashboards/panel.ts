/** Grafana's names of units. */
export type Unit = 'short' | 'percentunit' | 's' | 'currencyUSD' | 'bytes' | 'reqps' | 'none' | 'bool_on_off'

export interface Query {
  readonly expr: string
  /** What a series is called, such as `{{agent}}`. */
  readonly legend: string
}

export interface Panel {
  readonly type: 'stat' | 'timeseries' | 'table'
  readonly title: string
  /** What it shows, and what to make of it. */
  readonly description: string
  readonly unit: Unit
  readonly queries: readonly Query[]
  /** Columns of 24. */
  readonly width: number
  /** From here on a value is red: the threshold of the alert. `below`: from here downwards. */
  readonly red?: { readonly above: number } | { readonly below: number }
  /** Runbooks of the alerts that watch the same, without `.md`. */
  readonly runbooks?: readonly string[]
}

type Rest = Omit<Panel, 'type' | 'queries' | 'width'> & { readonly width?: number }

/** One number. */
export const stat = (panel: Rest, expr: string): Panel => ({
  width: 4,
  ...panel,
  type: 'stat',
  queries: [{ expr, legend: '' }],
})

/** Lines over time; three in a row of the dashboard. */
export const lines = (panel: Rest, ...queries: readonly Query[]): Panel => ({
  width: 8,
  ...panel,
  type: 'timeseries',
  queries,
})

/** Rows of labels with a value, the largest first. */
export const table = (panel: Rest, expr: string): Panel => ({
  width: 12,
  ...panel,
  type: 'table',
  queries: [{ expr, legend: '' }],
})
