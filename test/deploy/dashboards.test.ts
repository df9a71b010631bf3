import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { panelsOf, toGrafana } from '../../scripts/dashboards/dashboard.ts'
import { DASHBOARDS, fileOf } from '../../scripts/dashboards/dashboards.ts'
import { promtool } from '../support/prometheus/promtool.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { readAlerts, readExpressions, readRecords } from './support/alerts.ts'
import { EMITTED, labelsOfSeries, metricOf } from './support/emitted.ts'
import { labelsOfResult, unknownIn } from './support/known-series.ts'
import { labelsIn, metricsIn, PANEL_QUERIES } from './support/queries.ts'

interface GrafanaPanel {
  readonly id: number
  readonly type: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly targets?: readonly { readonly refId: string }[]
}

const FOLDER = 'deploy/grafana/dashboards'
const dashboards = Object.values(DASHBOARDS)
const panels = dashboards.flatMap(panelsOf)

describe('the dashboards', () => {
  it('are the files that `npm run dashboards` writes', () => {
    assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(DASHBOARDS).sort())
    for (const [file, dashboard] of Object.entries(DASHBOARDS)) {
      assert.equal(readFileSync(join(FOLDER, file), 'utf8'), fileOf(dashboard), `${file}: npm run dashboards`)
    }
  })

  it('are in the form of Grafana 12: with panels that it has, none over another, and a letter for each query', () => {
    for (const dashboard of dashboards) {
      const { schemaVersion, panels: placed } = toGrafana(dashboard) as {
        schemaVersion: number
        panels: GrafanaPanel[]
      }
      assert.equal(schemaVersion, 41)
      assert.equal(new Set(placed.map(({ id }) => id)).size, placed.length)
      const taken = new Set<string>()
      for (const { type, gridPos, targets = [] } of placed) {
        assert.ok(['row', 'stat', 'timeseries', 'table'].includes(type), type)
        const { x, y, w, h } = gridPos
        assert.ok(x + w <= 24)
        for (let column = x; column < x + w; column += 1) {
          for (let line = y; line < y + h; line += 1) {
            assert.ok(!taken.has(`${column} ${line}`), `${dashboard.title}: ${column} ${line}`)
            taken.add(`${column} ${line}`)
          }
        }
        assert.equal(targets.map(({ refId }) => refId).join(''), 'ABC'.slice(0, targets.length))
      }
    }
  })

  it('ask what Prometheus can parse', () => {
    const file = join(temporaryDirectory(), 'panels.json')
    const rules = PANEL_QUERIES.map(({ expr }, index) => ({ record: `panel:query:${index}`, expr }))
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }))
    assert.ok(rules.length > 60)
    promtool(['check', 'rules', file])
  })

  it('ask only for metrics and labels that there are', () => {
    assert.deepEqual(
      PANEL_QUERIES.flatMap(({ panel, expr }) => unknownIn(expr).map((name) => `${panel}: ${name}`)),
      [],
    )
  })

  it('name their lines by labels that these have', () => {
    for (const { panel, legend, expr } of PANEL_QUERIES) {
      const labels = new Set(labelsOfResult(expr))
      for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g))
        assert.ok(labels.has(label), `${panel}: ${label}`)
    }
  })

  it('offer choices by labels that their metrics have', () => {
    for (const { name, metric, label } of dashboards.flatMap(({ variables }) => variables)) {
      assert.ok(labelsOfSeries(metric)?.includes(label), `$${name}: ${metric} has no label ${label}`)
    }
  })

  it('use every choice that they offer, and offer every one that they use', () => {
    for (const { title, variables, rows } of dashboards) {
      const text = JSON.stringify(rows)
      const used = [...text.matchAll(/\$([a-z]+)/g)].map(([, name]) => name)
      assert.deepEqual([...new Set(used)].sort(), variables.map(({ name }) => name).sort(), title)
    }
  })

  it('say of each panel what it shows', () => {
    for (const { title, description } of panels) assert.ok(description.length > 12, title)
  })

  it('are red from the threshold of an alert on', () => {
    const alerts = [...readAlerts('alerts'), ...readAlerts('anomalies')]
    const exprs = new Map(readExpressions().map(({ name, expr }) => [name, expr]))
    for (const { title, red, runbooks = [] } of panels) {
      const watched = alerts.filter(({ runbook }) => runbooks.includes(runbook.replace('.md', '')))
      if (red === undefined || watched.length === 0) continue
      const from = 'above' in red ? red.above : red.below
      // Of what is counted one by one, one is the first above 0.
      const threshold = from === 1 ? /(?:>|==) 0\b/ : new RegExp(`[<>] ${from}(?![\\d.])`)
      assert.ok(
        watched.some(({ name }) => threshold.test(exprs.get(name) ?? '')),
        `${title}: no alert is at ${from}`,
      )
    }
  })

  it('lead from a panel to the runbook of each alert', () => {
    const linked = new Set(panels.flatMap(({ runbooks = [] }) => runbooks.map((name) => `${name}.md`)))
    const alerts = [...readAlerts('alerts'), ...readAlerts('anomalies')]
    assert.deepEqual(
      alerts.filter(({ runbook }) => !linked.has(runbook)).map(({ name }) => name),
      [],
    )
    const pages = readdirSync('docs/runbooks')
    assert.deepEqual(
      [...linked].filter((page) => !pages.includes(page)),
      [],
    )
  })
})

describe('the rules', () => {
  it('read only metrics and labels that there are', () => {
    assert.deepEqual(
      readExpressions().flatMap(({ name, expr }) => unknownIn(expr).map((metric) => `${name}: ${metric}`)),
      [],
    )
  })

  it('compare quantiles with a bound of their buckets, within which a quantile is a guess', () => {
    const records = Map.groupBy(readRecords(), ({ name }) => name)
    const compared = readExpressions().flatMap(({ name, expr }) =>
      [...expr.matchAll(/([\w:]+:p\d+_\w+) > ([\d.]+)/g)].map(([, record = '', from]) => {
        const read = (records.get(record) ?? []).flatMap((rule) => metricsIn(rule.expr))
        return { name, from: Number(from), buckets: read.map((series) => EMITTED[metricOf(series)]?.buckets) }
      }),
    )
    assert.equal(compared.length, 3)
    for (const { name, from, buckets } of compared)
      assert.ok(
        buckets.every((bounds) => bounds?.includes(from)),
        `${name}: ${from}`,
      )
  })

  it('record nothing that nobody reads', () => {
    const expressions = [...readExpressions(), ...PANEL_QUERIES].map(({ expr }) => expr)
    const read = new Set(expressions.flatMap(metricsIn))
    assert.deepEqual(
      readRecords().filter(({ name }) => !read.has(name)),
      [],
    )
  })
})

describe('the metrics of an expression', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'sum by (agent) (rate(a_total{status!="b_total"}[5m]))': ['a_total'],
    'a:b:c > 3 and on (x, y) d:e_f:g{x="1"} offset 15m': ['a:b:c', 'd:e_f:g'],
    'histogram_quantile(0.95, sum by (le) (rate(a_bucket[5m]))) >= 0 or vector(0)': ['a_bucket'],
    '1 - (a or b * 20e6)': ['a', 'b'],
    'count(a) unless on () b': ['a', 'b'],
  }
  for (const [expr, names] of Object.entries(cases)) {
    it(`of ${expr} are ${names.join(' and ')}`, () => assert.deepEqual(metricsIn(expr), names))
  }
})

describe('the labels of an expression', () => {
  const expr = 'sum by (agent, le) (rate(a{status!="x", code=~"y|z"}[5m])) and on (tool) b'

  it('are those that it matches, groups by and joins on', () => {
    assert.deepEqual(labelsIn(expr).sort(), ['agent', 'code', 'le', 'status', 'tool'])
    assert.deepEqual(labelsIn(expr, 'by'), ['agent', 'le'])
  })
})
