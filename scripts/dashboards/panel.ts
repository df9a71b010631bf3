/** Grafana's names of units. */
export type Unit = 'short' | 'percentunit' | 's' | 'currencyUSD' | 'bytes' | 'reqps' | 'none'

/** Expressions by what a series of each is called, such as `{{agent}}`. */
export type Queries = Readonly<Record<string, string>>

/** How a panel is to be read. */
export interface Reading {
  /** What it shows, and what to make of it. */
  readonly description: string
  readonly unit: Unit
  /** From here on a value is red: the threshold of the alert. `below`: from here downwards. */
  readonly red?: { readonly above: number } | { readonly below: number }
  /** What it says where there are no series, as of a counter that has counted nothing yet. */
  readonly without?: string
  /** Runbooks of the alerts that watch the same, without `.md`. */
  readonly runbooks?: readonly string[]
  /** Columns of 24. */
  readonly width?: number
}

export interface Panel extends Reading {
  readonly type: 'stat' | 'timeseries' | 'table'
  readonly title: string
  readonly queries: Queries
  readonly width: number
}

/** One number. */
export const stat = (title: string, expr: string, reading: Reading): Panel => ({
  width: 4,
  ...reading,
  type: 'stat',
  title,
  queries: { '': expr },
})

/** Lines over time; three in a row of the dashboard. */
export const lines = (title: string, queries: Queries, reading: Reading): Panel => ({
  width: 8,
  ...reading,
  type: 'timeseries',
  title,
  queries,
})

/** Rows of labels with a value, the largest first. */
export const table = (title: string, expr: string, reading: Reading): Panel => ({
  width: 12,
  ...reading,
  type: 'table',
  title,
  queries: { '': `sort_desc(${expr})` },
})
