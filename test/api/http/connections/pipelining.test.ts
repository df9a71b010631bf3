import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { answerClientError } from '../../../../src/api/http/connections/answer-client-error.ts'
import { createHttpServer } from '../../../../src/api/http/connections/http-server.ts'
import { HTTP } from '../../../../src/policies/api.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import { get } from '../../support/post.ts'
import { sendRaw } from '../../support/raw-http.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { startApi } from '../../support/start-api.ts'

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`

/** A server of our kind around one handler, and its port. */
async function serve(t: TestContext, handle: RequestListener): Promise<number> {
  const untold = () => undefined
  const server = createHttpServer(handle, untold, untold)
    .on('clientError', (error, socket) => answerClientError(error, socket as Socket, untold))
    .listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as { port: number }).port
}

async function open(t: TestContext, port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  t.after(() => socket.destroy())
  // A reset is one way to be closed.
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

async function readAll(socket: Socket): Promise<string> {
  let received = ''
  for await (const chunk of socket.setEncoding('utf8')) received += chunk
  return received
}

const pathsIn = (received: string) => [...received.matchAll(/answer to \/(\d+)/g)].map(([, n]) => Number(n))

test('requests sent ahead are handled one at a time, and answered in their order', async (t) => {
  let underWay = 0
  const port = await serve(t, async ({ url }, response) => {
    assert.equal(++underWay, 1)
    await new Promise(setImmediate)
    underWay -= 1
    response.end(`answer to ${url}`)
  })
  const socket = await open(t, port)
  const many = HTTP.waitingRequests
  const last = 'GET /last HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'
  socket.write(Array.from({ length: many }, (_, i) => ask(`/${i}`)).join('') + last)
  const received = await readAll(socket)
  assert.deepEqual(
    pathsIn(received),
    Array.from({ length: many }, (_, i) => i),
  )
  assert.match(received, /answer to \/last/)
})

test('a connection that sends too much ahead is told so after the answers before, and closed', async (t) => {
  const port = await serve(t, ({ url }, response) => setImmediate(() => response.end(`answer to ${url}`)))
  const socket = await open(t, port)
  socket.write(Array.from({ length: 1_000 }, (_, i) => ask(`/${i}`)).join(''))
  const received = await readAll(socket)
  assert.deepEqual(
    pathsIn(received),
    Array.from({ length: HTTP.waitingRequests + 1 }, (_, i) => i),
  )
  assert.equal(received.match(/HTTP\/1\.1 429 /g)?.length, 1)
  assert.match(received, /"code":"too_many_requests_ahead"[^}]*}$/)
})

test('what is no request is answered after the requests before it', async (t) => {
  const port = await serve(t, ({ url }, response) => setImmediate(() => response.end(`answer to ${url}`)))
  const socket = await open(t, port)
  socket.write(`${ask('/1')}${ask('/2')}nonsense\r\n\r\n`)
  const received = await readAll(socket)
  assert.deepEqual(pathsIn(received), [1, 2])
  assert.match(received, /HTTP\/1\.1 400 .*"code":"invalid_request"[^}]*}$/s)
})

test('CONNECT is refused with a problem', async (t) => {
  const port = await serve(t, () => assert.fail('CONNECT is no request of ours'))
  const answer = await sendRaw(port, 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n')
  assert.equal(answer.status, 405)
  assert.match(answer.headers.get('allow') ?? '', /GET/)
  assert.equal((JSON.parse(answer.body) as { code: string }).code, 'method_not_allowed')
})

test('peers that ask to CONNECT and break off end no process', async (t) => {
  const port = await serve(t, (_, response) => response.end('answer to /1'))
  for (let peer = 0; peer < 300; peer += 1) {
    const socket = await open(t, port)
    socket.write('CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n', () => socket.resetAndDestroy())
  }
  assert.equal((await sendRaw(port, `${ask('/1')}`)).status, 200)
})

test('peers that send thousands of requests and read nothing take no memory, and hold nobody up', async (t) => {
  const store = await openPgliteTestDatabase()
  const api = await startApi(store.database, recordingTemporal().client)
  t.after(async () => {
    await api.close()
    await store.close()
  })
  const { text } = await get<object>(`${api.url}/openapi.json`)
  assert.ok(text.length > 50_000)
  const before = memory()
  const flood = ask('/openapi.json').repeat(2_000)
  const sockets = await Promise.all(Array.from({ length: 30 }, () => open(t, api.port)))
  for (const socket of sockets) socket.pause().write(flood)
  // By this answer the server has read what was sent before it.
  for (let i = 0; i < 20; i++) assert.equal((await get(`${api.url}/health`)).status, 200)
  // 60,000 answers of this size would be 6 GB.
  assert.ok(memory() - before < 300_000_000, `${memory() - before} bytes more`)
  for (const socket of sockets) socket.destroy()
})

function memory(): number {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
