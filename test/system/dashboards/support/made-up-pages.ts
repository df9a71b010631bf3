import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HEALTHY } from '../../../deploy/support/metrics.ts'
import { type Series, selector } from '../../../deploy/support/series.ts'
import type { Page, Pages } from './pages.ts'

const KEY = 'hf_scrapes_only'

/**
 * The pages of an installation that is healthy by the table of metrics, served as the API and a worker serve theirs: without the labels that
 * a scrape adds. Each second is a minute of its day, so that two scrapes see its counters move.
 */
export async function startPages(): Promise<Pages> {
  const isWorkers = ({ name, labels }: Series) =>
    name.startsWith('temporal_') || labels['job'] === 'holdfast-worker'
  const own = HEALTHY.filter(({ name }) => name !== 'up')
  const worker = await serve(own.filter(isWorkers), null)
  const api = await serve(
    own.filter((series) => !isWorkers(series)),
    `Bearer ${KEY}`,
  )
  return {
    api,
    worker,
    key: KEY,
    close: async () => {
      await Promise.all([api.close(), worker.close()])
    },
  }
}

async function serve(
  series: readonly Series[],
  authorization: string | null,
): Promise<Page & { close(): Promise<unknown> }> {
  const startedAtMs = Date.now()
  const server = createServer((request, response) => {
    const allowed = authorization === null || request.headers.authorization === authorization
    response.writeHead(allowed ? 200 : 401, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' })
    response.end(allowed ? page(series, (Date.now() - startedAtMs) / 1_000) : '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { target: `127.0.0.1:${port}`, close: () => stop(server) }
}

function stop(server: Server): Promise<unknown> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  return closed
}

function page(series: readonly Series[], minutes: number): string {
  const families = Map.groupBy(series, ({ name, type }) =>
    type === 'histogram' ? name.replace(/_(?:bucket|count|sum)$/, '') : name,
  )
  const lines = [...families].flatMap(([family, members]) => [
    `# TYPE ${family} ${members[0]?.type}`,
    ...members.map(
      (member) => `${selector(withoutTarget(member))} ${member.from + member.perMinute * minutes}`,
    ),
  ])
  return `${lines.join('\n')}\n`
}

function withoutTarget({ name, labels: { job: _job, instance: _instance, ...labels } }: Series) {
  return { name, labels }
}
