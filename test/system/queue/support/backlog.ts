import type { RunResource } from '../../../../src/api/runs/run.schema.ts'
import type { Script } from '../../../../src/testing/script.ts'
import { post } from '../../../api/support/post.ts'
import { startApi } from '../../../api/support/start-api.ts'
import { makeKey } from '../../../api/support/test-keys.ts'
import { openPostgresTestDatabase } from '../../../support/postgres-database.ts'
import { startWorker } from '../../../support/start-worker.ts'
import { temporalEnvironment } from '../../../support/temporal.ts'
import { createCaller } from '../../runs/support/caller.ts'

/** An API without a worker, so that runs pile up, until one is started. */
export async function openBacklog(script: Script) {
  await using cleanup = new AsyncDisposableStack()
  const temporal = await temporalEnvironment()
  cleanup.defer(() => temporal.close())
  const store = await openPostgresTestDatabase()
  cleanup.defer(() => store.close())
  const { database } = store
  const api = await startApi(database, temporal.client, temporal.taskQueue, { auth: 'keys' })
  cleanup.defer(() => api.close())
  const workers = new AsyncDisposableStack()
  cleanup.use(workers)
  const open = cleanup.move()

  return {
    temporal,
    database,
    url: api.url,
    async tenant(tenant: string) {
      const { headers } = await makeKey(database, { tenant, principal: `${tenant}-service` })
      const start = (body: object, more: Record<string, string> = {}) =>
        post<RunResource>(
          `${api.url}/v1/runs`,
          { agent: 'assistant', input: 'x', ...body },
          { ...headers, ...more },
        )
      return { ...createCaller(api.url, headers), headers, start }
    },
    async startWorker(maxConcurrentActivities: number) {
      const worker = await startWorker(temporal, database, { script, maxConcurrentActivities })
      workers.defer(() => worker.stop())
      return worker
    },
    close: () => open.disposeAsync(),
  }
}

/** Calls `work` so many times, a few at a time. */
export async function times<T>(count: number, work: (n: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  for (let from = 0; from < count; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, n) => work(from + n))
    results.push(...(await Promise.all(some)))
  }
  return results
}

const AT_ONCE = 20
