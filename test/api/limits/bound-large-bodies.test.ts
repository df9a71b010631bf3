import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import Fastify, { type FastifyRequest } from 'fastify'
import { answerWithProblem } from '../../../src/api/http/problems/problems.ts'
import { boundLargeBodies } from '../../../src/api/limits/bound-large-bodies.ts'
import { HTTP } from '../../../src/policies/api.ts'
import { LOAD_SHEDDING } from '../../../src/policies/api-limits.ts'
import { createMetrics } from '../../../src/telemetry/metrics/create-metrics.ts'
import { createTelemetry, NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'
import { seriesValue } from '../../telemetry/metrics/support/samples.ts'
import { get, post } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

const { fromBytes, mostBytes } = HTTP.largeBodies
const LENGTH = (bytes: number) => `content-length: ${bytes}`
const CHUNKED = 'transfer-encoding: chunked'

/** A request whose body is still to come. */
function begin(port: number, path: string, length: string, type = 'application/json'): Socket {
  const socket = connect({ host: '127.0.0.1', port }).setEncoding('utf8')
  socket.on('error', () => undefined)
  socket.write(`POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\n${length}\r\n\r\n`)
  return socket
}

const chunkOf = (bytes: number) => `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`

async function answerTo(socket: Socket): Promise<string> {
  const [text] = await once(socket, 'data')
  socket.destroy()
  return String(text)
}

describe('an API that has as many large bodies as it may have', () => {
  let store: TestDatabase
  let api: TestApi
  const sending: Socket[] = []
  const metrics = createMetrics({ tenants: false })
  const upload = (length: string) => begin(api.port, '/v1/files', length, 'image/png')

  before(async () => {
    store = await openPgliteTestDatabase()
    api = await startApi(store.database, recordingTemporal().client, 'test', {
      metrics,
      telemetry: createTelemetry([metrics.sink]),
    })
    for (let left = mostBytes; left > 0; left -= HTTP.bodyBytes.file) {
      sending.push(upload(LENGTH(Math.min(left, HTTP.bodyBytes.file))))
    }
  })
  after(async () => {
    for (const socket of sending) socket.destroy()
    await api.close()
    await store.close()
  })

  it('refuses one more before it is read, with a time to come back', async () => {
    let refused = ''
    await until('room as expected', async () => {
      refused = await answerTo(upload(LENGTH(HTTP.bodyBytes.file)))
      return refused.startsWith('HTTP/1.1 503')
    })
    assert.match(refused, /"code":"overloaded"/)
    const seconds = Number(/retry-after: (\d+)/.exec(refused)?.[1])
    const { least, most } = LOAD_SHEDDING.retryAfterSeconds
    assert.ok(seconds >= least && seconds <= most, refused)
    const page = await (await fetch(`${api.url}/metrics`)).text()
    assert.ok(seriesValue(page, 'holdfast_requests_shed_total{kind="write",reason="bodies"}'))
  })

  it('refuses a body that does not say its length where it becomes large', async () => {
    const socket = upload(CHUNKED)
    socket.write(chunkOf(fromBytes + 1))
    assert.match(await answerTo(socket), /^HTTP\/1.1 503/)
  })

  it('takes small bodies, whether they say their length or not, and reads', async () => {
    assert.equal((await post(`${api.url}/v1/runs`, { agent: 'assistant', input: 'Hi' })).status, 202)
    assert.equal((await get(`${api.url}/v1/runs`)).status, 200)
    const socket = upload(CHUNKED)
    socket.write(`${chunkOf(1_000)}0\r\n\r\n`)
    assert.match(await answerTo(socket), /"code":"file_not_taken"/)
  })

  it('takes large ones again once the others are gone', async () => {
    for (const socket of sending) socket.destroy()
    const body = Buffer.alloc(fromBytes + 1)
    await until('room as expected', async () => {
      const headers = { 'content-type': 'image/png' }
      const { status } = await fetch(`${api.url}/v1/files`, { method: 'POST', headers, body })
      return status === 422
    })
  })
})

describe('a large body', () => {
  /** A server with room for one body of 100 bytes, and what its handler waits for. */
  async function serve() {
    const server = Fastify({ bodyLimit: 1_000 })
    server.decorateRequest('facts')
    server.setErrorHandler(answerWithProblem)
    server.removeAllContentTypeParsers()
    server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    boundLargeBodies(server, NO_TELEMETRY, { ...HTTP.largeBodies, fromBytes: 10, mostBytes: 100 })
    const handled = Promise.withResolvers<FastifyRequest>()
    const goOn = Promise.withResolvers<void>()
    server.post('/slow', async (request) => {
      handled.resolve(request)
      await goOn.promise
      return {}
    })
    server.post('/quick', async () => ({}))
    const port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port)
    return { server, port, handled: handled.promise, goOn: goOn.resolve }
  }
  const ask = async (port: number) => {
    const socket = begin(port, '/quick', LENGTH(100))
    socket.write('x'.repeat(100))
    return (await answerTo(socket)).slice(9, 12)
  }

  it('counts while it is worked on, though its sender has gone', async (t) => {
    const { server, port, handled, goOn } = await serve()
    t.after(() => server.close())
    const sender = begin(port, '/slow', LENGTH(100))
    sender.write('x'.repeat(100))
    const { raw } = await handled
    assert.equal(await ask(port), '503')
    const gone = once(raw.socket, 'close')
    sender.destroy()
    await gone
    assert.equal(await ask(port), '503')
    goOn()
    await until('room as expected', async () => (await ask(port)) === '200')
  })

  it('of unknown length counts by what has come, and no more once it was refused or broken off', async (t) => {
    const { server, port } = await serve()
    t.after(() => server.close())
    const half = begin(port, '/quick', CHUNKED)
    half.write(chunkOf(60))
    await until('room as expected', async () => (await ask(port)) === '503')
    const tooMuch = begin(port, '/quick', CHUNKED)
    tooMuch.write(chunkOf(80))
    assert.match(await answerTo(tooMuch), /^HTTP\/1.1 503/)
    half.write('0\r\n\r\n')
    assert.match(await answerTo(half), /^HTTP\/1.1 200/)
    assert.equal(await ask(port), '200')

    const brokenOff = begin(port, '/quick', CHUNKED)
    brokenOff.write(chunkOf(60))
    await until('room as expected', async () => (await ask(port)) === '503')
    brokenOff.destroy()
    await until('room as expected', async () => (await ask(port)) === '200')
  })

  it('that is refused on its way is read to its end, so that its connection serves the next request', async (t) => {
    const { server, port } = await serve()
    t.after(() => server.close())
    const socket = begin(port, '/quick', CHUNKED)
    socket.write(chunkOf(200))
    const [refused] = await once(socket, 'data')
    assert.match(String(refused), /^HTTP\/1.1 503/)
    socket.write(`${chunkOf(200_000)}0\r\n\r\n`)
    socket.write('POST /quick HTTP/1.1\r\nhost: localhost\r\ncontent-type: a/b\r\ncontent-length: 0\r\n\r\n')
    assert.match(await answerTo(socket), /^HTTP\/1.1 200/)
  })
})
