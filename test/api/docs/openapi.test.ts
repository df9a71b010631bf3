import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newKeyBody } from '../../../src/api/access/key.schema.ts'
import { decisionBody } from '../../../src/api/approvals/decision.schema.ts'
import { killSwitchBody } from '../../../src/api/budgets/kill-switch.schema.ts'
import { budgetBody } from '../../../src/api/budgets/shared-budget.schema.ts'
import { tenantBody } from '../../../src/api/budgets/tenant.schema.ts'
import { problem } from '../../../src/api/http/problems/problem.schema.ts'
import { Problem } from '../../../src/api/http/problems/problem.ts'
import { readIdempotencyKey } from '../../../src/api/http/requests/read-idempotency-key.ts'
import { changeMemoryBody } from '../../../src/api/memory/memory.schema.ts'
import { changeBudgetBody } from '../../../src/api/runs/budget/run-budget.schema.ts'
import { addMessageBody } from '../../../src/api/runs/message.schema.ts'
import { startRunBody, startTurnBody } from '../../../src/api/runs/run.schema.ts'
import { newTokenBody } from '../../../src/api/runs/tokens/token.schema.ts'
import { changeScheduleBody, newScheduleBody } from '../../../src/api/schedules/schedule.schema.ts'
import { changeThreadBody, newThreadBody } from '../../../src/api/threads/thread.schema.ts'
import { EVENT_TYPES } from '../../../src/contracts/events/event.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { get } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

interface Schema {
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly pattern?: string
  readonly examples?: readonly unknown[]
  readonly minProperties?: number
  readonly anyOf?: readonly unknown[]
}
interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[]
  readonly requestBody?: {
    readonly required?: boolean
    readonly content: Record<string, { readonly schema: { readonly $ref?: string } }>
  }
  readonly responses: Record<
    string,
    {
      readonly description: string
      readonly content?: Record<string, unknown>
      readonly headers?: Record<string, unknown>
    }
  >
}
interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: {
    readonly schemas: Record<string, Schema & { readonly additionalProperties?: boolean }>
  }
  readonly info: { readonly license?: { readonly identifier: string } }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
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
    'delete /v1/cache',
    'delete /v1/files/{id}',
    'delete /v1/keys/{id}',
    'delete /v1/kill-switches/{scope}/{subject}',
    'delete /v1/memories',
    'delete /v1/memories/{id}',
    'delete /v1/schedules/{id}',
    'delete /v1/tenants/{id}/keys/{key_id}',
    'delete /v1/threads/{id}',
    'delete /v1/webhooks/{id}',
    'get /health',
    'get /metrics',
    'get /ready',
    'get /v1/agents',
    'get /v1/agents/{name}',
    'get /v1/approvals',
    'get /v1/approvals/{id}',
    'get /v1/budgets',
    'get /v1/cache',
    'get /v1/files/{id}',
    'get /v1/files/{id}/content',
    'get /v1/keys',
    'get /v1/kill-switches',
    'get /v1/memories',
    'get /v1/memories/{id}',
    'get /v1/providers',
    'get /v1/queue',
    'get /v1/reports/{day}',
    'get /v1/runs',
    'get /v1/runs/{id}',
    'get /v1/runs/{id}/events',
    'get /v1/runs/{id}/messages',
    'get /v1/runs/{id}/trace',
    'get /v1/schedules',
    'get /v1/schedules/{id}',
    'get /v1/schedules/{id}/starts',
    'get /v1/tenant',
    'get /v1/tenants',
    'get /v1/tenants/{id}',
    'get /v1/tenants/{id}/keys',
    'get /v1/threads',
    'get /v1/threads/{id}',
    'get /v1/threads/{id}/messages',
    'get /v1/usage',
    'get /v1/webhooks',
    'get /v1/webhooks/{id}',
    'get /v1/webhooks/{id}/deliveries',
    'patch /v1/memories/{id}',
    'patch /v1/runs/{id}/budget',
    'patch /v1/schedules/{id}',
    'patch /v1/tenants/{id}',
    'patch /v1/threads/{id}',
    'patch /v1/webhooks/{id}',
    'post /v1/approvals/{id}/decision',
    'post /v1/files',
    'post /v1/keys',
    'post /v1/keys/{id}/rotate',
    'post /v1/runs',
    'post /v1/runs/{id}/cancel',
    'post /v1/runs/{id}/messages',
    'post /v1/runs/{id}/resume',
    'post /v1/schedules',
    'post /v1/schedules/{id}/pause',
    'post /v1/schedules/{id}/resume',
    'post /v1/schedules/{id}/run',
    'post /v1/tenants',
    'post /v1/tenants/{id}/keys',
    'post /v1/tenants/{id}/resume',
    'post /v1/tenants/{id}/suspend',
    'post /v1/threads',
    'post /v1/threads/{id}/runs',
    'post /v1/tokens',
    'post /v1/webhooks',
    'post /v1/webhooks/{id}/deliveries/{delivery_id}/redeliver',
    'post /v1/webhooks/{id}/rotate',
    'put /v1/budgets/{scope}/{subject}/{period}',
    'put /v1/kill-switches/{scope}/{subject}',
    'put /v1/providers/{provider}/{model}/breaker',
    'put /v1/tenant',
  ])
})

test('an object in a query is described as it is read', () => {
  const { parameters = [] } = document.paths['/v1/runs']?.['get'] ?? {}
  const metadata = parameters.find(({ name }) => name === 'metadata')
  assert.deepEqual(
    { ...metadata, schema: {} },
    {
      name: 'metadata',
      in: 'query',
      required: false,
      description: '`metadata[key]=value`: entries that the run has, among others.',
      style: 'deepObject',
      explode: true,
      schema: {},
    },
  )
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
  assert.deepEqual(headers, ['idempotency-key', 'prefer', 'traceparent'])
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
    'changeMemory true',
    'changeRunBudget true',
    'changeSchedule true',
    'changeTenant true',
    'changeThread true',
    'changeWebhook true',
    'createKey true',
    'createSchedule true',
    'createTenant true',
    'createTenantKey true',
    'createThread false',
    'createToken true',
    'createWebhook true',
    'decideApproval true',
    'pauseSchedule false',
    'putBreaker true',
    'putBudget true',
    'putKillSwitch true',
    'putTenant true',
    'redeliver false',
    'resumeRun false',
    'resumeSchedule false',
    'resumeTenant false',
    'rotateKey false',
    'rotateWebhookSecret false',
    'runSchedule false',
    'startRun true',
    'startTurn true',
    'suspendTenant false',
    'uploadFile true',
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

const operations = () => Object.values(document.paths).flatMap((methods) => Object.values(methods))

test('numbers in a query are numbers with their bounds', () => {
  const found = operations().flatMap(({ operationId, parameters = [] }) =>
    parameters
      .filter(
        ({ name }) =>
          (name === 'limit' && operationId !== 'getUsage') ||
          (name === 'after' && /Run(Events|Messages)|ThreadMessages/.test(operationId)),
      )
      .map(({ name, schema: { type, minimum, maximum } }) => [name, type, minimum, maximum].join(' ')),
  )
  assert.ok(found.length >= 6)
  assert.deepEqual([...new Set(found)].sort(), ['after integer 0 2147483647', 'limit integer 1 100'])
})

test('an Idempotency-Key is described as it is read', async () => {
  const keys = operations().flatMap(({ parameters = [] }) =>
    parameters.filter(({ name }) => name === 'idempotency-key').map(({ schema }) => schema),
  )
  assert.equal(keys.length, 5)
  for (const { pattern = '' } of keys) {
    for (const key of [
      'a',
      '"a"',
      'x'.repeat(255),
      `"${'x'.repeat(255)}"`,
      '"a\\"b"',
      'a"b',
      'x'.repeat(256),
      '',
      '"',
      '""',
      '"a',
      'a b',
      '"a b"',
      'ä',
      '"a\\b"',
    ]) {
      const isTaken = readsAsKey(key)
      assert.equal(new RegExp(pattern).test(key), isTaken, key)
    }
  }
})

test('a text names the ban of NUL, and a body that has to say something says so', () => {
  const { StartRunInput, ChangeBudgetInput, BudgetAdditionInput, NewBudgetInput, DecisionInput } =
    document.components.schemas
  assert.ok(JSON.stringify(StartRunInput).includes('"pattern":"^[^\\\\u0000]*$"'))
  assert.deepEqual([ChangeBudgetInput?.minProperties, BudgetAdditionInput?.minProperties], [1, 1])
  assert.equal(NewBudgetInput?.anyOf?.length, 2)
  assert.equal(DecisionInput?.anyOf?.length, 4)
})

test('every body has an example, and each is one that is taken', () => {
  for (const [name, schema] of Object.entries({
    AddMessageInput: addMessageBody,
    ChangeBudgetInput: changeBudgetBody,
    DecisionInput: decisionBody,
    NewBudgetInput: budgetBody,
    NewKeyInput: newKeyBody,
    NewKillSwitchInput: killSwitchBody,
    NewScheduleInput: newScheduleBody,
    NewTokenInput: newTokenBody,
    NewTenantInput: tenantBody,
    ScheduleChangeInput: changeScheduleBody,
    StartRunInput: startRunBody,
    StartTurnInput: startTurnBody,
    ChangeMemoryInput: changeMemoryBody,
    ChangeThreadInput: changeThreadBody,
    NewThreadInput: newThreadBody,
  })) {
    const { examples = [] } = document.components.schemas[name] ?? {}
    assert.ok(examples.length > 0, name)
    for (const example of examples) assert.ok(schema.safeParse(example).success, name)
  }
})

test('every operation names the refusals of HTTP itself, and every tag is explained', () => {
  const tags = new Set(document.tags.map(({ name }) => name))
  for (const { operationId, responses, tags: used } of operations()) {
    for (const status of ['408', '414', '429', '431'])
      assert.ok(responses[status], `${operationId} ${status}`)
    for (const tag of used) assert.ok(tags.has(tag), tag)
  }
  assert.ok(document.tags.every(({ description }) => description.length > 10))
  assert.deepEqual(
    document.servers.map(({ url }) => url),
    ['/'],
  )
  assert.equal(document.info.license?.identifier, 'Apache-2.0')
})

test('every type of event, and of what a stream has besides, has a schema of its own', () => {
  const names = EVENT_TYPES.map((type) =>
    type
      .split(/[._]/)
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
      .join(''),
  )
  for (const name of [...names.map((type) => `${type}Event`), 'ModelStarted', 'ModelDelta', 'InboxLive']) {
    assert.ok(document.components.schemas[name], name)
  }
})

test('the headers of an answer are those that the document names', async () => {
  const json = { 'content-type': 'application/json' }
  const start = JSON.stringify({ agent: 'assistant', input: 'Hello' })
  const asked: [operationId: string, path: string, RequestInit][] = [
    ['startRun', '/v1/runs', { method: 'POST', body: start, headers: { ...json, 'idempotency-key': 'k' } }],
    ['startRun', '/v1/runs', { method: 'POST', body: start, headers: { ...json, 'idempotency-key': 'k' } }],
    ['startRun', '/v1/runs', { method: 'POST', body: start, headers: { ...json, prefer: 'wait=1' } }],
    ['startRun', '/v1/runs', { method: 'POST', body: '{}', headers: json }],
    ['listRuns', '/v1/runs?limit=2', {}],
    ['listApprovals', '/v1/approvals', { headers: { prefer: 'wait=1' } }],
    ['getHealth', '/health', {}],
  ]
  const ofNode = new Set(['connection', 'content-length', 'content-type', 'date', 'keep-alive'])
  for (const [operationId, path, init] of asked) {
    const answer = await fetch(api.url + path, init)
    const operation = operations().find((one) => one.operationId === operationId)
    const named = Object.keys(operation?.responses[answer.status]?.headers ?? {})
    const sent = [...answer.headers.keys()].filter(
      (name) => !ofNode.has(name) && name !== 'x-content-type-options',
    )
    assert.deepEqual(
      sent.filter((name) => !named.includes(name)),
      [],
      `${operationId} ${answer.status}`,
    )
    assert.ok(sent.includes('x-request-id') && sent.includes('cache-control'))
  }
})

test('the document is rendered, and a problem leads to its explanation', async () => {
  const docs = await fetch(`${api.url}/docs`)
  assert.equal(docs.status, 200)
  assert.match(await docs.text(), /swagger.*\/docs\/static\/theme\/accessibility\.js/is)
  const [initializer, script] = await Promise.all(
    ['swagger-initializer.js', 'theme/accessibility.js'].map(async (name) =>
      (await fetch(`${api.url}/docs/static/${name}`)).text(),
    ),
  )
  // The bar at the top has a logo and a field without names.
  assert.match(initializer ?? '', /"layout":\s*"BaseLayout"/)
  assert.match(script ?? '', /aria-label/)

  const { body } = await get<{ type: string }>(`${api.url}/v1/nothing`)
  const { type, code } = problem.parse(body)
  const page = await (await fetch(new URL(type, api.url))).text()
  assert.ok(page.includes(`id="${code}"`))
})

function readsAsKey(key: string): boolean {
  try {
    return readIdempotencyKey(key) !== null
  } catch (error) {
    assert.ok(error instanceof Problem)
    return false
  }
}

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
