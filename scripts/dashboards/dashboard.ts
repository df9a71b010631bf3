import type { Panel } from './panel.ts'

/** A choice at the top of a dashboard: values of a label of a metric. */
export interface Variable {
  readonly name: string
  readonly metric: string
  readonly label: string
}

export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  /** How far back it looks at first. */
  readonly from: string
  readonly variables: readonly Variable[]
  /** Panels by the title of their row. */
  readonly rows: Readonly<Record<string, readonly Panel[]>>
}

export const panelsOf = ({ rows }: Dashboard): readonly Panel[] => Object.values(rows).flat()

const COLUMNS = 24
const HEIGHTS = { stat: 4, timeseries: 8, table: 8 } as const
/** The data source that `deploy/grafana/provisioning/` makes. */
const DATASOURCE = { type: 'prometheus', uid: 'prometheus' }
/** Where the Grafana of docker-compose.yml serves `docs/runbooks/`. */
const RUNBOOKS = '/public/runbooks'

/** The dashboard as Grafana's JSON. */
export function toGrafana({ uid, title, description, from, variables, rows }: Dashboard): object {
  return {
    uid,
    title,
    description,
    tags: ['holdfast'],
    editable: false,
    graphTooltip: 1,
    refresh: '1m',
    // Grafana 12.1's.
    schemaVersion: 41,
    time: { from, to: 'now' },
    timezone: 'browser',
    links: [
      {
        type: 'dashboards',
        title: 'Holdfast',
        icon: 'external link',
        tooltip: '',
        url: '',
        tags: ['holdfast'],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
      },
    ],
    templating: { list: variables.map(toVariable) },
    panels: place(rows),
  }
}

/** Panels side by side while they fit, under the title of their row. */
function place(rows: Dashboard['rows']): object[] {
  const placed: object[] = []
  let y = 0
  const add = (panel: object, x: number, w: number, h: number) =>
    placed.push({ id: placed.length + 1, ...panel, gridPos: { x, y, w, h } })
  for (const [title, panels] of Object.entries(rows)) {
    add({ type: 'row', title, collapsed: false, panels: [] }, 0, COLUMNS, 1)
    y += 1
    let x = 0
    let height = 0
    for (const panel of panels) {
      if (x + panel.width > COLUMNS) {
        x = 0
        y += height
        height = 0
      }
      add(toPanel(panel), x, panel.width, HEIGHTS[panel.type])
      x += panel.width
      height = Math.max(height, HEIGHTS[panel.type])
    }
    y += height
  }
  return placed
}

function toPanel({ type, title, description, unit, queries, red, without, runbooks = [] }: Panel): object {
  return {
    type,
    title,
    description,
    datasource: DATASOURCE,
    targets: Object.entries(queries).map(([legend, expr], index) => toTarget(type, { legend, expr }, index)),
    links: runbooks.map((name) => ({
      title: `Runbook: ${name.replaceAll('-', ' ')}`,
      url: `${RUNBOOKS}/${name}.md`,
      targetBlank: true,
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: unit === 'percentunit' ? 0 : undefined,
        noValue: without,
        thresholds: { mode: 'absolute', steps: steps(red) },
        ...(type === 'stat' && {
          color: { mode: red === undefined ? 'fixed' : 'thresholds', fixedColor: 'text' },
        }),
        ...(type === 'timeseries' && {
          custom: {
            fillOpacity: 8,
            showPoints: 'never',
            thresholdsStyle: { mode: red === undefined ? 'off' : 'line' },
          },
        }),
      },
      overrides: [],
    },
    ...OPTIONS[type],
  }
}

interface Query {
  readonly legend: string
  readonly expr: string
}

function toTarget(type: Panel['type'], { legend, expr }: Query, index: number): object {
  return {
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: DATASOURCE,
    expr,
    legendFormat: legend,
    ...(type !== 'timeseries' && { instant: true, range: false }),
    ...(type === 'table' && { format: 'table' }),
  }
}

function steps(red: Panel['red']): object[] {
  if (red === undefined) return [{ color: 'green', value: null }]
  return 'above' in red
    ? [
        { color: 'green', value: null },
        { color: 'red', value: red.above },
      ]
    : [
        { color: 'red', value: null },
        { color: 'green', value: red.below },
      ]
}

const OPTIONS = {
  stat: { options: { reduceOptions: { calcs: ['lastNotNull'] }, graphMode: 'none', textMode: 'auto' } },
  timeseries: {
    options: {
      legend: { showLegend: true, displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  },
  table: {
    options: { showHeader: true },
    transformations: [{ id: 'organize', options: { excludeByName: { Time: true, __name__: true } } }],
  },
} as const satisfies Record<Panel['type'], object>

function toVariable({ name, metric, label }: Variable): object {
  return {
    name,
    label: name,
    type: 'query',
    datasource: DATASOURCE,
    query: { query: `label_values(${metric}, ${label})`, refId: name },
    definition: `label_values(${metric}, ${label})`,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  }
}
