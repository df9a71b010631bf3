import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { problem } from '../../src/api/schemas/problem.schema.ts'
import { openPgliteTestDatabase } from '../support/pglite.ts'
import type { TestDatabase } from '../support/test-database.ts'
import { get } from './support/post.ts'
import { recordingTemporal } from './support/recording-temporal.ts'
import { startApi, type TestApi } from './support/start-api.ts'

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: {
    readonly required?: boolean
    readonly content: Record<string, { readonly schema: { readonly $ref?: string } }>
  }
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, unknown> }
  >
}
interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, { readonly additionalProperties?: boolean }> }
}

let store: TestDatabase
let api: TestApi
let document: Document

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client)
  document = (await get<Document>(`${api.url}/openapi.json`)).body
})
after(async () => {
  await api.close()
  await store.close()
})

test('the document lists the operations that there are', () => {
  assert.equal(document.openapi, '3.1.0')
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  )
  assert.deepEqual(operations.filter((operation) => !operation.startsWith('head ')).sort(), [
    'delete /v1/budgets/{scope}/{subject}/{period}',
    'delete /v1/keys/{id}',
    'delete /v1/kill-switches/{scope}/{subject}',
    'get /health',
    'get /ready',
    'get /v1/agents',
    'get /v1/agents/{name}',
    'get /v1/approvals',
    'get /v1/approvals/{id}',
    'get /v1/budgets',
    'get /v1/keys',
    'get /v1/kill-switches',
    'get /v1/runs',
    'get /v1/runs/{id}',
    'get /v1/runs/{id}/events',
    'get /v1/runs/{id}/messages',
    'get /v1/tenant',
    'get /v1/usage',
    'patch /v1/runs/{id}/budget',
    'post /v1/approvals/{id}/decision',
    'post /v1/keys',
    'post /v1/runs',
    'post /v1/runs/{id}/cancel',
    'post /v1/runs/{id}/messages',
    'put /v1/budgets/{scope}/{subject}/{period}',
    'put /v1/kill-switches/{scope}/{subject}',
    'put /v1/tenant',
  ])
})

test('every reference leads somewhere, and nothing stands there unused', () => {
  const text = JSON.stringify(document)
  const used = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name))
  assert.deepEqual([...used].sort(), Object.keys(document.components.schemas).sort())
})

test('every operation under /v1 says how it fails, as a problem', () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    if (!path.startsWith('/v1/')) continue
    for (const { operationId, responses } of Object.values(methods)) {
      for (const [status, { content = {} }] of Object.entries(responses)) {
        if (Number(status) >= 400)
          assert.deepEqual(Object.keys(content), ['application/problem+json'], operationId)
      }
      for (const status of ['400', '406', '500', '503'])
        assert.ok(responses[status], `${operationId} ${status}`)
    }
  }
})

test('a start is described as it is checked', () => {
  const start = document.paths['/v1/runs']?.['post']
  assert.ok(start)
  const headers = start.parameters?.filter((parameter) => parameter.in === 'header').map(({ name }) => name)
  assert.deepEqual(headers, ['idempotency-key', 'prefer'])
  const reference = start.requestBody?.content['application/json']?.schema.$ref ?? ''
  const schema = document.components.schemas[reference.split('/').at(-1) ?? '']
  assert.equal(schema?.additionalProperties, false)
})

test('a body that may be left out is not called required', () => {
  const bodies = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).flatMap(({ operationId, requestBody }) =>
      requestBody ? [`${operationId} ${requestBody.required}`] : [],
    ),
  )
  assert.deepEqual(bodies.sort(), [
    'addRunMessage true',
    'cancelRun false',
    'changeRunBudget true',
    'createKey true',
    'decideApproval true',
    'putBudget true',
    'putKillSwitch true',
    'putTenant true',
    'startRun true',
  ])
})

test('events name the header that a stream goes on from, and every body can be too large', () => {
  const parameters = document.paths['/v1/runs/{id}/events']?.['get']?.parameters ?? []
  assert.ok(parameters.some((parameter) => parameter.in === 'header' && parameter.name === 'last-event-id'))
  for (const methods of Object.values(document.paths)) {
    for (const { operationId, requestBody, responses } of Object.values(methods)) {
      if (requestBody) assert.ok(responses['413'], operationId)
    }
  }
})

test('the document is rendered, and a problem leads to its explanation', async () => {
  const docs = await fetch(`${api.url}/docs`)
  assert.equal(docs.status, 200)
  assert.match(await docs.text(), /swagger/i)

  const { body } = await get<{ type: string }>(`${api.url}/v1/nothing`)
  const { type, code } = problem.parse(body)
  const page = await (await fetch(new URL(type, api.url))).text()
  assert.ok(page.includes(`id="${code}"`))
})

test('what is the same for everybody is made once, and need not be sent again', async () => {
  for (const path of ['/openapi.json', '/docs/json', '/docs/yaml', '/errors']) {
    const answer = await fetch(api.url + path)
    const etag = answer.headers.get('etag')
    assert.ok(answer.status === 200 && etag !== null, path)
    const headers = { 'if-none-match': etag }
    const again = await fetch(api.url + path, { headers })
    assert.deepEqual([again.status, await again.text()], [304, ''], path)
    assert.equal((await fetch(api.url + path, { headers: { 'if-none-match': '"other"' } })).status, 200, path)
  }
})

test('a browser that opens the API finds its reference, and an icon is not an error', async () => {
  const root = await fetch(api.url, { redirect: 'manual' })
  assert.deepEqual([root.status, root.headers.get('location')], [302, '/docs'])
  assert.equal((await fetch(`${api.url}/favicon.ico`)).status, 204)
  assert.match(await (await fetch(`${api.url}/errors`)).text(), /<html lang="en">.*<title>.*<main>/s)
})
