import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import {
  boundConnections,
  isSpare,
  trustConnection,
} from '../../../../src/api/http/connections/connection-places.ts'
import { HTTP } from '../../../../src/policies/api.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { buildApi } from '../../support/start-api.ts'
import { makeKey } from '../../support/test-keys.ts'

interface Caller {
  readonly socket: Socket
  readonly isClosed: () => boolean
  /** Resolves to what comes next. */
  ask(path: string, headers?: string): Promise<string>
}

async function openTo(port: number, t: TestContext): Promise<Caller> {
  const socket = connect({ host: '127.0.0.1', port }).setEncoding('utf8')
  t.after(() => socket.destroy())
  // A reset is one way to be closed.
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  let closed = false
  socket.once('close', () => {
    closed = true
  })
  return {
    socket,
    isClosed: () => closed,
    async ask(path, headers = '') {
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`)
      const [text] = (await once(socket, 'data')) as [string]
      return text
    },
  }
}

/** `/trusted` is let in, as `/globex/trusted` is for another tenant; what ends with `held` is not answered. */
async function startServer(t: TestContext, places: { connections: number; spareConnections: number }) {
  const held: ServerResponse[] = []
  const server = createServer((request, response) => {
    const { url = '', socket } = request
    if (url.includes('/trusted')) trustConnection(socket, url.startsWith('/globex') ? 'globex' : 'acme')
    if (url.endsWith('held')) held.push(response.writeHead(200))
    else response.end(isSpare(socket) ? 'spare' : 'usual')
    if (url.endsWith('held')) response.flushHeaders()
  })
  boundConnections(server, places)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, held }
}

const closed = ({ socket, isClosed }: Caller) => (isClosed() ? null : once(socket, 'close'))

test('a new connection has the place of the stranger of whom nothing was heard for the longest time', async (t) => {
  const { port } = await startServer(t, { connections: 3, spareConnections: 0 })
  const [first, second, third] = [await openTo(port, t), await openTo(port, t), await openTo(port, t)]
  assert.match(await first.ask('/'), /usual$/)
  const fourth = await openTo(port, t)
  await closed(second)
  // Also one that does not take its answer.
  await third.ask('/held')
  await first.ask('/')
  await fourth.ask('/')
  const fifth = await openTo(port, t)
  await closed(third)
  assert.match(await fifth.ask('/'), /usual$/)
  assert.deepEqual([first.isClosed(), fourth.isClosed()], [false, false])
})

test('strangers who have just come are left alone, and connections that wait for a request go', async (t) => {
  const { port } = await startServer(t, { connections: 4, spareConnections: 2 })
  const trusted = [await openTo(port, t), await openTo(port, t)]
  for (const one of trusted) await one.ask('/trusted')
  const strangers = [await openTo(port, t), await openTo(port, t)]
  for (const one of strangers) await one.ask('/')
  await trusted[0]?.ask('/')
  const next = await openTo(port, t)
  await closed(trusted[1] ?? assert.fail())
  assert.match(await next.ask('/trusted'), /usual$/)
  for (const one of [trusted[0], ...strangers]) assert.match((await one?.ask('/')) ?? '', /usual$/)
})

test('the tenant with the most connections gives up one that waits, for its next request or the rest of one', async (t) => {
  const { port } = await startServer(t, { connections: 5, spareConnections: 1 })
  const idle = await openTo(port, t)
  await idle.ask('/globex/trusted')
  const streams = [await openTo(port, t), await openTo(port, t)]
  for (const one of streams) await one.ask('/trusted-held')
  const owing = await openTo(port, t)
  await owing.ask('/trusted-held', 'content-length: 10\r\n')
  const waiting = await openTo(port, t)
  await waiting.ask('/trusted')

  for (const goes of [waiting, owing]) {
    const next = await openTo(port, t)
    await closed(goes)
    await next.ask('/globex/trusted')
  }
  assert.deepEqual(
    [idle, ...streams].map((one) => one.isClosed()),
    [false, false, false],
  )
})

test('where every place has a request under way, a new connection has one request, and the others stay', async (t) => {
  const { port, held } = await startServer(t, { connections: 2, spareConnections: 2 })
  const streams = [await openTo(port, t), await openTo(port, t)]
  for (const one of streams) await one.ask('/trusted-held')
  const silent = await openTo(port, t)
  for (let probe = 0; probe < 5; probe += 1) {
    const one = await openTo(port, t)
    assert.match(await one.ask('/'), /connection: close\r\n.*spare$/is)
    await closed(one)
  }
  const others = [await openTo(port, t), await openTo(port, t)]
  await closed(silent)
  assert.deepEqual(
    [...streams, ...others].map((one) => one.isClosed()),
    [false, false, false, false],
  )
  held[0]?.end()
  await once(streams[0]?.socket ?? assert.fail(), 'data')
  const later = await openTo(port, t)
  assert.match(await later.ask('/'), /usual$/)
})

test('an API serves on a spare place what is never refused, and closes the connection', async (t) => {
  const store = await openPgliteTestDatabase()
  t.after(() => store.close())
  const { headers } = await makeKey(store.database)
  const api = buildApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
  boundConnections(api.server, { connections: 0, spareConnections: 1 })
  const url = await api.listen({ host: '127.0.0.1', port: 0 })
  t.after(() => api.close())
  const credential = `authorization: ${headers.authorization}\r\n`
  for (const [path, more, status] of [
    ['/health', '', 200],
    ['/v1/agents', credential, 503],
    // As a page asks: the framework answers.
    ['/v1/agents', `${credential}origin: http://localhost:3000\r\n`, 503],
  ] as const) {
    const caller = await openTo(Number(new URL(url).port), t)
    const answer = await caller.ask(path, more)
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} .*connection: close\r\n`, 'is'))
    if (status === 503) assert.match(answer, /"code":"overloaded"/)
    await closed(caller)
  }
})

test('as many connections as there are places, answered 401 or silent, keep out neither probes nor callers', async (t) => {
  const store = await openPgliteTestDatabase()
  t.after(() => store.close())
  const { headers } = await makeKey(store.database)
  const api = buildApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
  // Not the product's 5,000: each takes two of the files that a process may have open, here where both ends are in one.
  const places = { connections: 1_000, spareConnections: HTTP.spareConnections }
  boundConnections(api.server, places)
  const port = Number(new URL(await api.listen({ host: '127.0.0.1', port: 0 })).port)
  t.after(() => api.close())
  const credential = `authorization: ${headers.authorization}\r\n`

  const honest = await openTo(port, t)
  assert.match(await honest.ask('/v1/agents', credential), /^HTTP\/1.1 200 /)
  const AT_ONCE = 200
  for (let opened = 0; opened < places.connections; opened += AT_ONCE) {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async (_, at) => {
        const stranger = await openTo(port, t)
        if (at % 5 === 0) assert.match(await stranger.ask('/v1/agents'), /^HTTP\/1.1 401 /)
      }),
    )
  }
  const probe = await openTo(port, t)
  assert.match(await probe.ask('/health'), /^HTTP\/1.1 200 /)
  const caller = await openTo(port, t)
  assert.match(await caller.ask('/v1/agents', credential), /^HTTP\/1.1 200 /)
  assert.match(await honest.ask('/v1/agents', credential), /^HTTP\/1.1 200 /)
})
