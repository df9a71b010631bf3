import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Client } from '@temporalio/client'
import type { Fact, FactOf } from '../../../../src/telemetry/facts.ts'
import { createTelemetry } from '../../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { sendRaw } from '../../support/raw-http.ts'
import { startApi, type TestApi } from '../../support/start-api.ts'

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
