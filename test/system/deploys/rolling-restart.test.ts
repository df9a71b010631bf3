import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pino from 'pino'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import type { Script } from '../../../src/testing/script.ts'
import { firstWords } from '../../support/office/words.ts'
import { openAccount } from '../chaos/support/pay-desk/books.ts'
import { stepByStep } from '../chaos/support/pay-desk/scripts.ts'
import { auditHistories } from './support/audit-histories.ts'
import { type Deployment, openDeployment } from './support/deployment.ts'
import { type ReadyProxy, startReadyProxy } from './support/ready-proxy.ts'
import { startLoad } from './support/start-load.ts'

/*
 * Two APIs behind a load balancer, and two workers. Each is asked to end by SIGTERM and replaced once it has gone, in turn, while runs
 * are started and read. `npm run prove` starts 20 a second and replaces each process twice.
 */

const PER_SECOND = Number(process.env['ROLLING_RUNS_PER_SECOND'] ?? 2)
const ROUNDS = Number(process.env['ROLLING_ROUNDS'] ?? 1)

/** An answer that takes longer than a worker gives its activities when it is asked to end. */
const SLOW_MS = 9_000
const SLOW_EVERY_MS = 4_000
const USUAL_MS = 300

const script: Script = (request) => {
  const words = firstWords(request.messages)
  if (words === 'slow') return { text: 'At last.', delayMs: SLOW_MS }
  if (words === 'quick') return { text: 'Done.', delayMs: USUAL_MS }
  return stepByStep(request)
}

let nextSlowMs = 0

/** One run in ten writes and reads. One every few seconds is slow, so that there is always something to hand back. */
function bodyOf(run: number) {
  const nowMs = performance.now()
  if (nowMs >= nextSlowMs) {
    nextSlowMs = nowMs + SLOW_EVERY_MS
    return { agent: 'assistant', input: 'slow' }
  }
  if (run % 10 === 5) return { agent: 'clerk', input: 'write 2' }
  return { agent: 'assistant', input: 'quick' }
}

let deployment: Deployment
let proxy: ReadyProxy
before(async () => {
  deployment = await openDeployment(script)
  proxy = await startReadyProxy()
})
after(async () => {
  await proxy.close()
  await deployment.close()
})

test('replacing every API and worker by SIGTERM under load fails no request, no run and no task', async (t) => {
  const startApi = async () => {
    const api = await deployment.startApi()
    proxy.add(api.url)
    return api
  }
  const apis = [await startApi(), await startApi()]
  const workers = [await deployment.startWorker(), await deployment.startWorker()]
  const database = openPostgres({ url: deployment.databaseUrl, logger: pino({ level: 'silent' }) })
  t.after(() => database.close())
  await openAccount(database, 'A-1', 'local')
  await proxy.ready(2)

  const load = startLoad(proxy.url, PER_SECOND, bodyOf)
  t.after(load.cease)
  const stopped: { readonly code: number | null; readonly tookMs: number }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, api] of apis.entries()) {
      stopped.push(await api.terminate())
      proxy.remove(api.url)
      apis[at] = await startApi()
      await proxy.ready(2)
    }
    for (const [at, worker] of workers.entries()) {
      stopped.push(await worker.terminate())
      workers[at] = await deployment.startWorker()
    }
  }
  const { runs, failures, leftOut } = await load.stop()

  const rows = await database.query<{ id: string; workflowId: string }>({
    text: 'select id, workflow_id as "workflowId" from runs',
  })
  const audit = await auditHistories(
    deployment.temporal.client,
    rows.map(({ workflowId }) => workflowId),
  )
  const longest = (of: 'acceptedInMs' | 'longestSilenceMs') =>
    Math.round(Math.max(...runs.filter(({ input }) => input !== 'slow').map((run) => run[of])))
  t.diagnostic(
    JSON.stringify({
      runs: runs.length,
      leftOut,
      blind: proxy.blind(),
      refusedByReady: proxy.refusedByReady(),
      failures: failures.length,
      streamsReopened: runs.reduce((sum, { returns }) => sum + returns, 0),
      longestToAcceptMs: longest('acceptedInMs'),
      longestSilenceMs: longest('longestSilenceMs'),
      slowestToStopMs: Math.round(Math.max(...stopped.map(({ tookMs }) => tookMs))),
      ...audit,
    }),
  )

  assert.deepEqual(failures, [])
  assert.equal(proxy.refusedByReady(), 0, 'an API has closed its port while it was still in the rotation')
  assert.equal(rows.length, runs.length)
  assert.deepEqual(
    runs.filter(({ status }) => status !== 'completed'),
    [],
  )
  for (const { id, places } of runs)
    assert.deepEqual(
      places,
      places.map((_, index) => index + 1),
      `the events of ${id}`,
    )
  assert.deepEqual(
    stopped.map(({ code }) => code),
    stopped.map(() => 0),
  )
  assert.equal(audit.workflowTasksFailed, 0)
  assert.deepEqual(audit.otherRetries, [])
  assert.ok(audit.handedBack > 0, 'no worker had anything to hand back')
})
