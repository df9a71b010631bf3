import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Worker } from '@temporalio/worker'
import { createWorker } from '../../src/worker/create-worker.ts'
import { workerReadiness } from '../../src/worker/worker-readiness.ts'
import { startWorkerServer, WorkerPortUnusable, type WorkerServer } from '../../src/worker/worker-server.ts'
import { sendRaw } from '../api/support/raw-http.ts'
import { type TemporalEnvironment, temporalEnvironment } from '../support/temporal.ts'
import { testLogger } from '../support/test-runtime.ts'
import { testWorkflowBundle } from '../support/workflow-bundle.ts'

const PAGE = { page: async () => '# HELP x X.\n# TYPE x gauge\nx 1\n' }
const HERE = {
  host: '127.0.0.1',
  port: 0,
  loopbackOnly: true,
  metrics: PAGE,
  findings: async () => [],
  logger: testLogger,
}

async function ask(url: string, init: RequestInit = {}) {
  const answer = await fetch(url, init)
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

describe('the port of a worker', () => {
  let server: WorkerServer
  before(async () => {
    server = await startWorkerServer(HERE)
  })
  after(() => server.close())

  test('says that the process lives, that it is ready, and its metrics', async () => {
    const json = 'application/json; charset=utf-8'
    assert.deepEqual(await ask(`${server.url}/health`), { status: 200, type: json, text: '{"status":"ok"}' })
    assert.deepEqual(await ask(`${server.url}/ready?x=1`), {
      status: 200,
      type: json,
      text: '{"status":"ready"}',
    })
    assert.deepEqual(await ask(`${server.url}/metrics`), {
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      text: await PAGE.page(),
    })
    assert.equal((await ask(`${server.url}/metrics`, { method: 'HEAD' })).text, '')
  })

  test('has nothing else, and takes nothing', async () => {
    for (const path of ['/', '/metrics/', '/v1/runs', '/__proto__', '/constructor'])
      assert.equal((await ask(server.url + path)).status, 404, path)
    for (const method of ['POST', 'DELETE'])
      assert.equal((await ask(`${server.url}/metrics`, { method, body: 'x' })).status, 405, method)
  })

  test('is kept from pages of other sites on loopback, and takes the address of a Pod elsewhere', async (t) => {
    const wide = await startWorkerServer({ ...HERE, loopbackOnly: false })
    t.after(() => wide.close())
    const statusOf = async ({ url }: WorkerServer, ...headers: string[]) =>
      (
        await sendRaw(
          Number(new URL(url).port),
          `GET /metrics HTTP/1.1\r\nconnection: close\r\n${headers.join('\r\n')}\r\n\r\n`,
        )
      ).status
    for (const host of ['rebound.example', '127.0.0.1.example', '10.1.2.3:3001']) {
      assert.equal(await statusOf(server, `host: ${host}`), 421, host)
      assert.equal(await statusOf(wide, `host: ${host}`), 200, host)
    }
    for (const host of ['localhost:3001', '127.0.0.2:3001', '[::1]'])
      assert.equal(await statusOf(server, `host: ${host}`), 200, host)
    assert.equal(await statusOf(server, 'host: localhost', 'origin: https://evil.example'), 421)
  })

  test('is a clear error where another process has it, by the name of the variable', async () => {
    const { port } = new URL(server.url)
    await assert.rejects(startWorkerServer({ ...HERE, port: Number(port) }), (error: Error) => {
      assert.ok(error instanceof WorkerPortUnusable)
      assert.match(error.message, new RegExp(`Port ${port} .* is taken .*HOLDFAST_WORKER_PORT`))
      return true
    })
    await assert.rejects(
      startWorkerServer({ ...HERE, host: '192.0.2.1' }),
      /cannot be listened on \(EADDRNOTAVAIL\)/,
    )
  })

  test('answers 500 without a word of why where the page cannot be made', async (t) => {
    const metrics = { page: () => Promise.reject(new Error('secret')) }
    const broken = await startWorkerServer({ ...HERE, metrics, logger: { error: () => undefined } })
    t.after(() => broken.close())
    const { status, text } = await ask(`${broken.url}/metrics`)
    assert.equal(status, 500)
    assert.doesNotMatch(text, /secret/)
    assert.equal((await ask(`${broken.url}/health`)).status, 200)
  })

  test('is not ready where nobody can say in time whether the worker is', async (t) => {
    const hanging = await startWorkerServer({ ...HERE, findings: () => new Promise(() => undefined) })
    t.after(() => hanging.close())
    const { status, text } = await ask(`${hanging.url}/ready`)
    assert.equal(status, 503)
    assert.match(text, /"\/worker"/)
  })
})

describe('a worker on Temporal', () => {
  let temporal: TemporalEnvironment
  let worker: Worker
  let running: Promise<void>
  let isStoreThere = true
  const database = { ping: () => (isStoreThere ? Promise.resolve() : Promise.reject(new Error('gone'))) }

  before(async () => {
    temporal = await temporalEnvironment()
    const { connection, namespace, taskQueue } = temporal
    worker = await createWorker({
      connection,
      namespace,
      taskQueue,
      activities: {} as never,
      workflowBundle: await testWorkflowBundle(),
    })
  })
  after(async () => {
    if (worker.getState() === 'RUNNING') worker.shutdown()
    await running
    await temporal.close()
  })

  const missing = async (
    connection: Parameters<typeof workerReadiness>[0]['connection'] = temporal.connection,
  ) => (await workerReadiness({ worker, connection, database })()).map(({ pointer }) => pointer)

  test('is not ready before it runs, and is once Temporal has seen it ask for work', async () => {
    assert.deepEqual(await missing(), ['/worker'])
    running = worker.run()
    const began = performance.now()
    while ((await missing()).length > 0) assert.ok(performance.now() - began < 20_000)
  })

  test('is not ready while the store does not answer, nor while Temporal does not', async () => {
    isStoreThere = false
    assert.deepEqual(await missing(), ['/store'])
    isStoreThere = true
    const gone = {
      workflowService: temporal.connection.workflowService,
      withDeadline: () => Promise.reject(new Error('14 UNAVAILABLE')),
    }
    assert.deepEqual(await missing(gone), ['/temporal'])
  })

  test('is not ready once it is asked to stop', async () => {
    worker.shutdown()
    assert.deepEqual(await missing(), ['/worker'])
    await running
    assert.deepEqual(await missing(), ['/worker'])
  })
})
