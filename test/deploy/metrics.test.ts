import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { ALERT_CASES } from './support/cases/index.ts'
import { CORE, EMITTED, type EmittedMetric, labelsOfSeries, metricOf, OURS } from './support/emitted.ts'
import { HEALTHY } from './support/metrics.ts'

const names = (metrics: object) => Object.keys(metrics).sort()
const sorted = (values: Iterable<string>) => [...new Set(values)].sort()

describe('the healthy installation', () => {
  it('has every metric that the code puts on a page, and no other', () => {
    const { ALERTS: _, ...scraped } = EMITTED
    assert.deepEqual(sorted(HEALTHY.map(({ name }) => metricOf(name))), names(scraped))
  })

  it('has all of their labels', () => {
    for (const [metric, { labels }] of Object.entries(OURS)) {
      const series = HEALTHY.filter(({ name }) => metricOf(name) === metric)
      for (const { labels: given } of series)
        assert.deepEqual(
          labels.filter((label) => label !== 'tenant' && !(label in given)),
          [],
          metric,
        )
    }
  })
})

describe('the series of the healthy installation, and of the alerts’ cases', () => {
  const cases = ALERT_CASES.flatMap(({ fires, quiet }) => [...fires, ...Object.values(quiet).flat()])

  it('are such as the code emits: by name, type and labels', () => {
    for (const { name, type, labels } of [...HEALTHY, ...cases]) {
      assert.equal(EMITTED[metricOf(name)]?.type, type, name)
      const known = labelsOfSeries(name) ?? []
      assert.deepEqual(
        Object.keys(labels).filter((label) => !known.includes(label)),
        [],
        name,
      )
    }
  })
})

describe('the guide to metrics', () => {
  const listed = readGuide()
  const ofCore = (name: string) => name.startsWith('temporal_')

  it('lists every metric of the code, and no other', () => {
    assert.deepEqual(
      listed
        .map(({ name }) => name)
        .filter((name) => !ofCore(name))
        .sort(),
      names(OURS),
    )
  })

  it('lists what rules and dashboards read of Temporal’s core', () => {
    const core = new Set(listed.map(({ name }) => name).filter(ofCore))
    assert.deepEqual(
      names(CORE).filter((name) => !core.has(name)),
      [],
    )
  })

  it('gives each its type, and its labels where its table has some', () => {
    for (const { name, type, labels } of listed) {
      const metric = EMITTED[name]
      if (metric === undefined) continue
      assert.equal(type, metric.type, name)
      if (labels !== null) assert.deepEqual(labels.toSorted(), metric.labels.toSorted(), name)
    }
  })
})

interface ListedMetric {
  readonly name: string
  readonly type: EmittedMetric['type']
  /** null where the table has no labels. */
  readonly labels: readonly string[] | null
}

/** The rows of the guide's tables that begin with the name of a metric. */
function readGuide(): ListedMetric[] {
  const guide = readFileSync('docs/guides/metrics.md', 'utf8')
  let last: readonly string[] = []
  return [...guide.matchAll(/^\| (`[a-z].*) \|$/gm)].flatMap(([, row = '']) => {
    const [first = '', ...rest] = row.split(' | ')
    const [labelCell] = rest.length > 1 ? rest : []
    if (labelCell !== undefined && !labelCell.startsWith('the same')) last = quoted(labelCell)
    const labels = labelCell?.startsWith('the same') ? [...last, ...quoted(labelCell)] : last
    const parts = [...first.matchAll(/`(\w+)`([^`]*)/g)]
    return parts.map(([, name = '', after = '']) => ({
      name,
      type: typeOf(first.includes('s)') ? first : after),
      labels: labelCell === undefined ? null : [...labels, ...(first.includes('†') ? ['tenant'] : [])],
    }))
  })
}

/** Names in backticks, without the values that stand in brackets after them. */
function quoted(cell: string): string[] {
  return [...cell.replaceAll(/\([^)]*\)/g, '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
}

function typeOf(text: string): EmittedMetric['type'] {
  if (text.includes('(gauge')) return 'gauge'
  return text.includes('(histogram') ? 'histogram' : 'counter'
}
