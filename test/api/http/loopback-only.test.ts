import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pino from 'pino'
import { buildServer } from '../../../src/api/server.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import office from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { NO_OUTSIDE } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { sendRaw } from '../support/raw-http.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

let store: TestDatabase
let api: TestApi

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client)
})
after(async () => {
  await api.close()
  await store.close()
})

const ask = async (...headers: string[]) =>
  (await sendRaw(api.port, `GET /v1/runs HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)).status

test('a Host that is loopback by name or address is served, with any port', async () => {
  for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1', '127.0.0.1:3000', '[::1]', '[::1]:3000']) {
    assert.equal(await ask(`host: ${host}`), 200, host)
  }
})

test('a Host that merely leads to loopback is refused, on every path', async () => {
  const hosts = [
    'rebound.example',
    'localhost.example:80',
    '127.0.0.1.example',
    'xlocalhost',
    '[::2]',
    '::1',
    '',
  ]
  for (const host of hosts) assert.equal(await ask(`host: ${host}`), 421, host)
  for (const path of ['/health', '/docs/', '/openapi.json', '/nowhere']) {
    const { status, body } = await sendRaw(api.port, `GET ${path} HTTP/1.1\r\nhost: rebound.example\r\n\r\n`)
    assert.deepEqual([status, JSON.parse(body).code], [421, 'misdirected_request'], path)
  }
})

test('HTTP/1.0 needs no Host', async () => {
  assert.equal((await sendRaw(api.port, 'GET /v1/runs HTTP/1.0\r\n\r\n')).status, 200)
})

test("another site's page is refused, loopback's is not", async () => {
  const from = (origin: string) => ask('host: localhost', `origin: ${origin}`)
  for (const origin of ['http://localhost:8080', 'https://127.0.0.1', 'http://[::1]:1']) {
    assert.equal(await from(origin), 200, origin)
  }
  for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example', 'file://']) {
    assert.equal(await from(origin), 421, origin)
  }
  const answer = await fetch(`${api.url}/v1/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
    body: JSON.stringify({ agent: 'assistant', input: 'hello' }),
  })
  assert.equal(answer.status, 421)
  assert.deepEqual(await store.database.query({ text: 'select id from runs' }), [])
})

test('a server that asks for keys takes any Host', async () => {
  const server = buildServer({
    telemetry: NO_TELEMETRY,
    app: office,
    outside: NO_OUTSIDE,
    database: store.database,
    temporal: recordingTemporal().client,
    taskQueue: 'test',
    logger: pino({ level: 'silent' }),
    auth: 'keys',
    secret: 'x'.repeat(32),
  })
  const { statusCode } = await server.inject({ url: '/health', headers: { host: 'api.example' } })
  assert.equal(statusCode, 200)
  await server.close()
})
