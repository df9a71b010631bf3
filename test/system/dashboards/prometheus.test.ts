import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readRecords } from '../../deploy/support/alerts.ts'
import { CORE, EMITTED, metricOf, OF_TARGET } from '../../deploy/support/emitted.ts'
import { PANEL_QUERIES } from '../../deploy/support/queries.ts'
import { type PrometheusServer, startPrometheus } from '../../support/prometheus/start-prometheus.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { writeLastWeek } from './support/last-week.ts'
import { type Stack, startStack } from './support/stack.ts'

/** What cannot happen while all is well, by the metric that counts it. */
const ABSENT = [
  // Neither the store nor Temporal was away.
  'holdfast_outages_total',
  // No caller came near a limit, and no process had too much to do.
  'holdfast_requests_limited_total',
  'holdfast_requests_shed_total',
  // No tool was called that its caller may not have called.
  'holdfast_tool_refusals_total',
  // No workflow task has failed.
  'temporal_workflow_task_execution_failed',
]
/** What shows them. */
const SILENT_PANELS = [
  'Holdfast: operations / Outages',
  'Holdfast: operations / Refused: too much to do',
  'Holdfast: operations / Workflow tasks that failed',
]
const SILENT_RULES = [
  // No request to /v1 was answered 5xx. Their share is 0, and has data.
  'fleet:holdfast_http_errors:increase5m',
  // No process had too much to do.
  'reason:holdfast_requests_shed:rate2m',
  // No delivery was given up.
  'outcome:holdfast_webhooks_lost:increase30m',
  'reason:temporal_workflow_task_execution_failed:increase15m',
]

/** Alerts that fire at once, for what the stack was made to do. */
const FIRING = ['HoldfastGuardTripped', 'HoldfastUnpricedCalls']

// Not in `before`: what is made there is removed after the first test.
const directory = temporaryDirectory()
let stack: Stack
let prometheus: PrometheusServer

before(async () => {
  stack = await startStack(directory)
  writeLastWeek(directory, stack.taskQueue)
  prometheus = await startPrometheus({ directory, pages: stack.pages })
  // Counters are born in the first hour; that they move is seen in the second one.
  await stack.play('nine')
  await prometheus.catchUp()
  await stack.play('ten')
  // What the API asks of the store and of Temporal is some seconds old.
  await prometheus.until('holdfast_approvals_waiting == 2', 1)
  await prometheus.until('holdfast_breaker_state > 0', 1)
  // The last of a chain: counters have moved, a signal was made of them, and it was compared with its week.
  await prometheus.until('signal:holdfast_watched:sigmas', 12)
  await prometheus.catchUp()
})

after(async () => {
  await prometheus?.close()
  await stack?.[Symbol.asyncDispose]()
})

/** The names of the queries that have no data. */
async function withoutData(
  queries: readonly { readonly name: string; readonly expr: string }[],
): Promise<string[]> {
  const answers = await Promise.all(
    queries.map(async ({ name, expr }) => ({ name, samples: await prometheus.query(expr) })),
  )
  return answers.filter(({ samples }) => samples.length === 0).map(({ name }) => name)
}

test('a Prometheus with our configuration scrapes a running API and a worker, and can evaluate every rule', async () => {
  assert.deepEqual(await prometheus.problems(), [])
})

test('the pages have every metric of the tables, and no other, with the labels that the tables have', async () => {
  const labelsOf = new Map<string, Set<string>>()
  for (const { labels } of await prometheus.query('{job=~"holdfast-.*"}')) {
    const { __name__: name = '', ...rest } = labels
    // Prometheus' own about the scrape, and what rules have made with a target's labels.
    if (name.startsWith('scrape_') || name.startsWith('ALERTS') || name.includes(':')) continue
    const known = labelsOf.get(metricOf(name)) ?? []
    labelsOf.set(metricOf(name), new Set([...known, ...Object.keys(rest)]))
  }
  const { ALERTS: _, ...scraped } = EMITTED
  assert.deepEqual(
    Object.keys(scraped)
      .filter((name) => !labelsOf.has(name))
      .sort(),
    ABSENT,
  )
  for (const [name, labels] of labelsOf) {
    const metric = EMITTED[name]
    if (metric === undefined) {
      assert.match(name, /^temporal_/)
      continue
    }
    const added: readonly string[] = [...OF_TARGET, 'le']
    const own = [...labels].filter((label) => !added.includes(label)).sort()
    // A label of ours that has had no value yet is none to Prometheus; those of core are known from this page alone.
    const expected = metric.labels.filter((label) => name in CORE || labels.has(label))
    assert.deepEqual(own, expected.toSorted(), name)
  }
})

test('every recording rule has data', async () => {
  const silent = await withoutData(readRecords().map(({ name }) => ({ name, expr: name })))
  assert.deepEqual(silent, SILENT_RULES)
})

test('every panel of every dashboard has data', async () => {
  const silent = await withoutData(PANEL_QUERIES.map(({ panel, expr }) => ({ name: panel, expr })))
  assert.deepEqual(silent.sort(), SILENT_PANELS)
})

test('no alert fires but for what has happened', async () => {
  const firing = await prometheus.query('ALERTS{alertstate="firing"}')
  assert.deepEqual([...new Set(firing.map(({ labels }) => labels['alertname']))].sort(), FIRING)
})
