import { DASHBOARDS } from '../../../scripts/dashboards/dashboards.ts'

export interface PanelQuery {
  readonly panel: string
  /** As Prometheus gets it, with every choice of the dashboard at "All". */
  readonly expr: string
}

/** Grafana's own variables, as a dashboard of an hour has them. */
const OWN: Readonly<Record<string, string>> = { __rate_interval: '5m', __range: '1h' }

/** The queries of all panels. */
export const PANEL_QUERIES: readonly PanelQuery[] = Object.values(DASHBOARDS).flatMap(({ title, rows }) =>
  rows.flatMap(({ panels }) =>
    panels.flatMap((panel) =>
      panel.queries.map(({ expr }) => ({ panel: `${title} / ${panel.title}`, expr: asSent(expr) })),
    ),
  ),
)

function asSent(expr: string): string {
  return expr.replaceAll(/\$(\w+)/g, (_, name: string) => OWN[name] ?? '.*')
}

/** Words of PromQL that stand where a metric could. */
const WORDS = new Set(['and', 'or', 'unless', 'offset', 'bool', 'inf', 'nan'])

/** The metrics that an expression reads. Functions are followed by a bracket, labels stand in brackets of their own. */
export function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '')
    .replaceAll(/\boffset\s+\w+/g, '')
  const names = bare.match(/\b[a-z_][\w:]*(?!\w)(?!\s*\()/gi) ?? []
  return [...new Set(names.filter((name) => !WORDS.has(name.toLowerCase())))]
}
