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

let pages: Pages
let prometheus: PrometheusServer

before(async () => {
  const directory = temporaryDirectory()
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

/**
 * The queries that have no data. Each is asked again for a while: on a busy machine a scrape may miss its time, and what it would have
 * brought is then missing until the next one.
 */
async function withoutData(queries: readonly (readonly [name: string, expr: string])[]): Promise<string[]> {
  let empty = queries
  const deadline = Date.now() + 20_000
  do {
    const asked = await Promise.all(
      empty.map(async (entry) => ({ entry, data: await prometheus.query(entry[1]) })),
    )
    empty = asked.filter(({ data }) => data.length === 0).map(({ entry }) => entry)
  } while (empty.length > 0 && Date.now() < deadline)
  return empty.map(([name, expr]) => `${name}: ${expr}`)
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
