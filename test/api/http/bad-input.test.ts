import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { problem } from '../../../src/api/http/problems/problem.schema.ts'
import { ERROR_CODES, type ErrorCode } from '../../../src/contracts/error-codes.ts'
import { HTTP } from '../../../src/policies/api.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { BAD_REQUESTS, type BadRequest } from '../support/bad-requests.ts'
import { type RawAnswer, sendRaw } from '../support/raw-http.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

const { client, starts } = recordingTemporal()
let store: TestDatabase
let api: TestApi

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, client)
})
after(async () => {
  await api.close()
  await store.close()
})

test('there are enough bad requests', () => {
  assert.ok(BAD_REQUESTS.length >= 100)
  assert.equal(new Set(BAD_REQUESTS.map(nameOf)).size, BAD_REQUESTS.length)
})

for (const bad of BAD_REQUESTS) {
  test(`refused: ${nameOf(bad)}`, async () => {
    const answer = await send(bad)
    const { errors } = assertProblem(answer, bad.code)
    if (bad.pointers !== undefined) {
      const found = [...new Set((errors ?? []).map(({ pointer }) => pointer))]
      assert.deepEqual(found.sort(), [...bad.pointers].sort())
    }
    if (bad.code === 'method_not_allowed') assert.match(answer.headers.get('allow') ?? '', /GET|POST/)
    await assertNothingStarted()
  })
}

const HEAD = 'POST /v1/runs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n'
const RAW: readonly (readonly [name: string, bytes: string, code: ErrorCode])[] = [
  ['a QUERY without a body', 'QUERY /v1/runs HTTP/1.1\r\nhost: localhost\r\n\r\n', 'method_not_allowed'],
  ['no HTTP at all', 'hello\r\n\r\n', 'invalid_request'],
  ['a TLS greeting', '\x16\x03\x01\x02\x00\x01\x00\x01', 'invalid_request'],
  ['a method that there is not', 'BREW /v1/runs HTTP/1.1\r\nhost: localhost\r\n\r\n', 'invalid_request'],
  [
    'an HTTP version that there is not',
    'GET /v1/runs HTTP/9.9\r\nhost: localhost\r\n\r\n',
    'invalid_request',
  ],
  ['no Host', 'GET /v1/runs HTTP/1.1\r\nconnection: close\r\n\r\n', 'invalid_request'],
  ['a header without a name', 'GET /v1/runs HTTP/1.1\r\nhost: localhost\r\n: y\r\n\r\n', 'invalid_request'],
  [
    'a header with a bare control character',
    'GET /v1/runs HTTP/1.1\r\nhost: localhost\r\na: b\x00c\r\n\r\n',
    'invalid_request',
  ],
  [
    'headers of 9 KB',
    `GET /v1/runs HTTP/1.1\r\nhost: localhost\r\na: ${'b'.repeat(9_000)}\r\n\r\n`,
    'headers_too_large',
  ],
  ['a length that is no number', `${HEAD}content-length: ten\r\n\r\n{}`, 'invalid_request'],
  ['two lengths', `${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 'invalid_request'],
  [
    'a length and chunks',
    `${HEAD}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    'invalid_request',
  ],
  ['a chunk of no size', `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`, 'invalid_request'],
  [
    'a length of more than the bound',
    `${HEAD}content-length: ${HTTP.bodyBytes.input + 1}\r\n\r\n`,
    'payload_too_large',
  ],
  [
    'an empty content type',
    'POST /v1/runs HTTP/1.1\r\nhost: localhost\r\ncontent-type: \r\ncontent-length: 2\r\n\r\n{}',
    'unsupported_media_type',
  ],
  [
    'an expectation that there is not',
    `${HEAD}expect: miracles\r\ncontent-length: 2\r\n\r\n{}`,
    'invalid_request',
  ],
]

for (const [name, bytes, code] of RAW) {
  test(`refused on the socket: ${name}`, async () => {
    assertProblem(await sendRaw(api.port, Buffer.from(bytes, 'latin1')), code)
    await assertNothingStarted()
  })
}

test('a request whose headers never end is given up with a problem', async () => {
  assertProblem(await sendRaw(api.port, 'GET /v1/runs HTTP/1.1\r\nhost: localhost\r\n'), 'request_timeout')
})

test('a problem tells 50 mistakes and no more', async () => {
  const unknown = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x${i}`, 0]))
  const answer = await send({ name: 'many', body: unknown, code: 'invalid_request' })
  assert.equal(assertProblem(answer, 'invalid_request').errors?.length, 50)
})

test('a request id of the client is not taken over', async () => {
  const answer = await fetch(`${api.url}/v1/nothing`, { headers: { 'x-request-id': 'mine' } })
  assert.match(answer.headers.get('x-request-id') ?? '', /^req_/)
})

async function send({
  method = 'POST',
  path = '/v1/runs',
  headers = {},
  body,
}: BadRequest): Promise<RawAnswer> {
  const isReady = typeof body === 'string' || Buffer.isBuffer(body)
  const type = typeof body === 'string' || !isReady ? { 'content-type': 'application/json' } : {}
  const answer = await fetch(api.url + path, {
    method,
    headers: { ...(body !== undefined && type), ...headers },
    ...(body !== undefined && {
      body: isReady ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body),
    }),
  })
  return { status: answer.status, headers: answer.headers, body: await answer.text() }
}

function assertProblem({ status, headers, body }: RawAnswer, code: ErrorCode) {
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/, `${status}: ${body}`)
  const said = problem.parse(JSON.parse(body))
  assert.equal(said.code, code, body)
  assert.equal(status, ERROR_CODES[code].http)
  assert.equal(said.status, status)
  assert.equal(said.type, `/errors#${code}`)
  assert.equal(said.request_id, headers.get('x-request-id'))
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  return said
}

async function assertNothingStarted(): Promise<void> {
  const rows = await store.database.query({
    text: 'select id from runs union all select id from inbox_messages',
  })
  assert.deepEqual(rows, [])
  assert.deepEqual(starts, [])
}

function nameOf({ name, method = 'POST', path = '/v1/runs' }: BadRequest): string {
  const place = path.length > 60 ? `${path.slice(0, 60)}…` : path
  return `${method} ${place.replace(/_[0-9a-z]{26}/g, '_…')}, ${name}`
}
