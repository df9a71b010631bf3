import { panelsOf } from '../../../scripts/dashboards/dashboard.ts'
import { DASHBOARDS } from '../../../scripts/dashboards/dashboards.ts'

export interface PanelQuery {
  readonly panel: string
  readonly legend: string
  /** As Prometheus gets it, with every choice of the dashboard at "All". */
  readonly expr: string
}

/** Grafana's own variables, as a dashboard of an hour has them. */
const OWN: Readonly<Record<string, string>> = { __rate_interval: '5m', __range: '1h' }

/** The queries of all panels. */
export const PANEL_QUERIES: readonly PanelQuery[] = Object.values(DASHBOARDS).flatMap((dashboard) =>
  panelsOf(dashboard).flatMap(({ title, queries }) =>
    Object.entries(queries).map(([legend, expr]) => ({
      panel: `${dashboard.title} / ${title}`,
      legend,
      expr: asSent(expr),
    })),
  ),
)

function asSent(expr: string): string {
  return expr.replaceAll(/\$(\w+)/g, (_, name: string) => OWN[name] ?? '.*')
}

/** Words of PromQL that stand where a metric could. */
const WORDS = new Set(['and', 'or', 'unless', 'offset', 'bool', 'inf', 'nan'])

const GROUPING = /\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g
const withoutTexts = (expr: string): string => expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')

/** The metrics that an expression reads. Functions are followed by a bracket, labels stand in brackets of their own. */
export function metricsIn(expr: string): string[] {
  const bare = withoutTexts(expr)
    .replaceAll('""', '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(GROUPING, '')
    .replaceAll(/\boffset\s+\w+/g, '')
  const names = bare.match(/\b[a-z_][\w:]*(?!\w)(?!\s*\()/gi) ?? []
  return [...new Set(names.filter((name) => !WORDS.has(name.toLowerCase())))]
}

/** The labels that an expression matches, groups by or joins on; or only those of one keyword, such as `by`. */
export function labelsIn(expr: string, only?: string): string[] {
  const bare = withoutTexts(expr)
  const matched = [...bare.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*""/g)].map(([, label = '']) => label)
  const listed = [...bare.matchAll(GROUPING)].flatMap(([, keyword, list = '']) =>
    only === undefined || keyword === only ? (list.match(/\w+/g) ?? []) : [],
  )
  return [...new Set([...(only === undefined ? matched : []), ...listed])]
}
