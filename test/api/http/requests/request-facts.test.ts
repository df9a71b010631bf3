import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, it, test } from 'node:test'
import type { Client } from '@temporalio/client'
import type { FastifyInstance } from 'fastify'
import type { Fact, FactOf } from '../../../../src/telemetry/facts.ts'
import { createTelemetry } from '../../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { sendRaw } from '../../support/raw-http.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { buildApi, startApi, type TestApi } from '../../support/start-api.ts'
import { makeKey } from '../../support/test-keys.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

const told: Fact[] = []
let store: TestDatabase
let api: TestApi
before(async () => {
  store = await openPgliteTestDatabase()
  const telemetry = createTelemetry([{ take: (fact) => void told.push(fact) }])
  const temporal = { options: { namespace: 'default' } } as Client
  api = await startApi(store.database, temporal, 'test', { telemetry })
})
after(async () => {
  await api.close()
  await store.close()
})

/** The answer's body, and what was told of the request. */
async function ask(path: string, headers: Record<string, string> = {}) {
  told.length = 0
  const response = await fetch(`${api.url}${path}`, { headers })
  const body: unknown = await response.json()
  while (told.length === 0) await new Promise((resolve) => setImmediate(resolve))
  const facts = told.filter((fact): fact is FactOf<'request.answered'> => fact.type === 'request.answered')
  assert.equal(facts.length, 1)
  return { body: body as { readonly trace_id?: string }, fact: facts[0] ?? assert.fail() }
}

test('a request is told with its route, and not with the path that names things', async () => {
  const { fact } = await ask('/v1/runs/run_01hzzzzzzzzzzzzzzzzzzzzzzz?secret=heron')
  const { route, method, status, code, runId, tenant, principal } = fact
  assert.deepEqual(
    [route, method, status, code, runId, tenant, principal],
    ['/v1/runs/:id', 'GET', 400, 'invalid_request', 'run_01hzzzzzzzzzzzzzzzzzzzzzzz', 'default', 'local'],
  )
  assert.match(fact.requestId, /^req_/)
  assert.ok(fact.durationMs >= 0)
  assert.doesNotMatch(JSON.stringify(fact), /heron/)
})

test('what stands in the place of an id is told only where it is one', async () => {
  const { fact } = await ask('/v1/runs/the%20heron')
  assert.equal(fact.runId, undefined)
  assert.doesNotMatch(JSON.stringify(fact), /heron/)
})

test('paths that no route has are one route', async () => {
  assert.equal((await ask('/v1/heron')).fact.route, 'unknown')
})

test('a problem has the trace of the request, where its caller has sent one', async () => {
  const { body, fact } = await ask('/v1/heron', { traceparent: `00-${TRACE}-00f067aa0ba902b7-01` })
  assert.equal(body.trace_id, TRACE)
  assert.equal(fact.traceId, TRACE)
  const without = await ask('/v1/heron', { traceparent: 'junk' })
  assert.ok(!('trace_id' in without.body))
  assert.equal(without.fact.traceId, undefined)
})

for (const [what, bytes, code] of [
  ['a bad escape in its path', 'GET /v1/runs/%zz HTTP/1.1\r\nhost: localhost\r\n\r\n', 'invalid_request'],
  [
    'headers that are too large',
    `GET /v1/runs HTTP/1.1\r\nhost: localhost\r\na: ${'b'.repeat(9_000)}\r\n\r\n`,
    'headers_too_large',
  ],
  ['no HTTP', 'hello\r\n\r\n', 'invalid_request'],
  ['CONNECT', 'CONNECT a:1 HTTP/1.1\r\nhost: localhost\r\n\r\n', 'method_not_allowed'],
] as const) {
  test(`a request with ${what} is refused before any route, and told under the id that it was answered with`, async () => {
    told.length = 0
    const answer = await sendRaw(api.port, bytes)
    const { request_id } = JSON.parse(answer.body) as { request_id: string }
    while (told.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const [fact, ...others] = told as FactOf<'request.answered'>[]
    assert.deepEqual(
      [fact?.type, fact?.requestId, fact?.route, fact?.status, fact?.code, others],
      ['request.answered', request_id, 'unknown', answer.status, code, []],
    )
  })
}

describe('a request whose body does not come', () => {
  const HEAD = `POST /v1/files?secret=heron HTTP/1.1\r\nhost: localhost\r\ntraceparent: 00-${TRACE}-00f067aa0ba902b7-01\r\ncontent-type: image/png\r\n`
  let server: FastifyInstance
  let port: number
  let key: Awaited<ReturnType<typeof makeKey>>
  before(async () => {
    const telemetry = createTelemetry([{ take: (fact) => void told.push(fact) }])
    server = buildApi(store.database, recordingTemporal().client, 'test', { telemetry, auth: 'keys' })
    // Node takes the longer one for the body.
    server.server.headersTimeout = server.server.requestTimeout = 1
    port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port)
    key = await makeKey(store.database, { tenant: 'acme', principal: 'ann' })
  })
  after(() => server.close())

  /** @returns what was told, and what the client was answered, by status */
  async function stall(authorization: string) {
    told.length = 0
    const socket = connect({ host: '127.0.0.1', port }).setEncoding('utf8')
    socket.write(`${HEAD}authorization: ${authorization}\r\ncontent-length: 100\r\n\r\n`)
    let said = ''
    for await (const text of socket) said += text
    const facts = told as FactOf<'request.answered'>[]
    for (const { requestId } of facts) assert.ok(said.includes(`x-request-id: ${requestId}`))
    assert.doesNotMatch(JSON.stringify(facts), /heron/)
    return facts.map(({ status, method, route, code, traceId, tenant, principal, key: by }) => {
      return [status, method, route, code, traceId, tenant, principal, by]
    })
  }

  it('is told with its route and its caller', async () => {
    const who = [TRACE, 'acme', 'ann', key.id]
    assert.deepEqual(await stall(key.headers.authorization), [
      [408, 'POST', '/v1/files', 'request_timeout', ...who],
    ])
  })

  it('is told once, with its route, where it was refused before', async () => {
    const nobody = [TRACE, undefined, undefined, undefined]
    assert.deepEqual(await stall('Bearer hf_wrong'), [
      [401, 'POST', '/v1/files', 'unauthenticated', ...nobody],
    ])
  })

  it('is not taken for the one before it on its connection', async () => {
    told.length = 0
    const socket = connect({ host: '127.0.0.1', port }).setEncoding('utf8')
    const { authorization } = key.headers
    socket.write(`GET /v1/agents HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}\r\n\r\n`)
    await once(socket, 'data')
    socket.write('no HTTP\r\n\r\n')
    await once(socket.resume(), 'close')
    const facts = told as FactOf<'request.answered'>[]
    assert.deepEqual(
      facts.map(({ status, route, key: by }) => [status, route, by]),
      [
        [200, '/v1/agents', key.id],
        [400, 'unknown', undefined],
      ],
    )
  })
})
