import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readRecords } from '../../deploy/support/alerts.ts'
import { PANEL_QUERIES } from '../../deploy/support/queries.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'
import { writeLastWeek } from './support/last-week.ts'
// The pages that are scraped; those of a running stack are another file with the same function.
import { startPages } from './support/made-up-pages.ts'
import type { Pages } from './support/pages.ts'
import { type PrometheusServer, startPrometheus, until } from './support/prometheus-server.ts'

// Not in `before`: what is made there is removed after the first test.
const directory = temporaryDirectory()
let pages: Pages
let prometheus: PrometheusServer

before(async () => {
  pages = await startPages()
  writeLastWeek(directory)
  prometheus = await startPrometheus(directory, pages)
  await everything('up == 1', 2)
  // The last of a chain: counters have moved, a signal was made of them, and it was compared with its week.
  await everything('signal:holdfast_watched:sigmas', 12)
})

after(async () => {
  await prometheus?.close()
  await pages?.close()
})

/** Waits until a query has this many samples. */
const everything = (expr: string, samples: number) =>
  until(60_000, async () => (await prometheus.query(expr)).length >= samples)

/** The queries that have no data. */
async function withoutData(queries: readonly (readonly [name: string, expr: string])[]): Promise<string[]> {
  const answers = await Promise.all(
    queries.map(async ([name, expr]) => ({ name, expr, samples: await prometheus.query(expr) })),
  )
  return answers.filter(({ samples }) => samples.length === 0).map(({ name, expr }) => `${name}: ${expr}`)
}

test('a Prometheus with our configuration scrapes the API by its key, and the worker, and can evaluate every rule', async () => {
  assert.deepEqual(await prometheus.problems(), [])
})

test('every recording rule has data', async () => {
  assert.deepEqual(await withoutData(readRecords().map(({ name }) => [name, name])), [])
})

test('every panel of every dashboard has data', async () => {
  assert.deepEqual(await withoutData(PANEL_QUERIES.map(({ panel, expr }) => [panel, expr])), [])
})
