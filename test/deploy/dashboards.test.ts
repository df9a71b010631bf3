import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DASHBOARDS, fileOf } from '../../scripts/dashboards/dashboards.ts'
import { promtool } from '../support/promtool.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { readAlerts, readExpressions, readRecords } from './support/alerts.ts'
import { HEALTHY, METRIC_NAMES } from './support/metrics.ts'
import { metricsIn, PANEL_QUERIES } from './support/queries.ts'

const FOLDER = 'deploy/grafana/dashboards'
const dashboards = Object.values(DASHBOARDS)
const panels = dashboards.flatMap(({ rows }) => rows.flatMap((row) => row.panels))
const known = new Set([...METRIC_NAMES, ...readRecords().map(({ name }) => name), 'ALERTS'])
const unknownIn = (expr: string) => metricsIn(expr).filter((name) => !known.has(name))

describe('the dashboards', () => {
  it('are the files that `npm run dashboards` writes', () => {
    assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(DASHBOARDS).sort())
    for (const [file, dashboard] of Object.entries(DASHBOARDS)) {
      assert.equal(readFileSync(join(FOLDER, file), 'utf8'), fileOf(dashboard), `${file}: npm run dashboards`)
    }
  })

  it('ask what Prometheus can parse', () => {
    const file = join(temporaryDirectory(), 'panels.json')
    const rules = PANEL_QUERIES.map(({ expr }, index) => ({ record: `panel:query:${index}`, expr }))
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }))
    assert.ok(rules.length > 60)
    promtool(['check', 'rules', file])
  })

  it('ask only for metrics that there are', () => {
    assert.deepEqual(
      PANEL_QUERIES.flatMap(({ panel, expr }) => unknownIn(expr).map((name) => `${panel}: ${name}`)),
      [],
    )
  })

  it('offer choices by labels that their metrics have', () => {
    for (const { name, metric, label } of dashboards.flatMap(({ variables }) => variables)) {
      assert.ok(
        HEALTHY.some((series) => series.name === metric && label in series.labels),
        `$${name}: ${metric} has no label ${label}`,
      )
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
  it('read only metrics that there are', () => {
    assert.deepEqual(
      readExpressions().flatMap(({ name, expr }) => unknownIn(expr).map((metric) => `${name}: ${metric}`)),
      [],
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
