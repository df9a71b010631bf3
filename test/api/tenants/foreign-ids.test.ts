import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { isOperators, type Scope } from '../../../src/contracts/access/api-key.ts'
import type { ScheduleId } from '../../../src/contracts/schedules/schedule.ts'
import { insertSchedule } from '../../../src/store/schedules/schedules.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { askApproval } from '../support/ask-approval.ts'
import { get, post, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

/* Every operation of the document that takes an id, with an id that there is: of another tenant. */

interface Operation {
  readonly operationId: string
  readonly security: readonly { readonly apiKey?: readonly Scope[] }[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>>
  }
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>>
  }
}
/** Bodies that the document has no example of. */
const BODIES: Readonly<Record<string, object>> = { changeWebhook: { enabled: false } }

type Made = { readonly id: string }

let store: TestDatabase
let api: TestApi
let stranger: Record<string, string>
let owner: Record<string, string>
/** By the first part of a path after `/v1/`: an id that the owner has. */
let ids: Readonly<Record<string, string>>

before(async () => {
  store = await openPgliteTestDatabase()
  const { database } = store
  api = await startApi(database, recordingTemporal().client, 'test', { auth: 'keys' })
  stranger = (await makeKey(database, { tenant: 'acme' })).headers
  const key = await makeKey(database, { tenant: 'other' })
  owner = key.headers
  const approval = await askApproval(database, { tenant: 'other' })
  const make = async (path: string, body: object) =>
    (await post<Made>(`${api.url}/v1/${path}`, body, owner)).body.id
  const schedule: ScheduleId = `sch_${randomUUID().replaceAll('-', '').slice(0, 26)}`
  await insertSchedule(database, {
    id: schedule,
    tenant: 'other',
    principal: 'ann',
    keyId: key.id,
    timing: { type: 'interval', everyMs: 3_600_000, offsetMs: 0 },
    start: { agent: 'assistant', input: 'x' },
    overlap: 'skip',
    catchUpMs: 3_600_000,
    idempotencyKey: null,
    requestSha256: 'a',
  })
  ids = {
    runs: approval.run.runId,
    approvals: approval.id,
    keys: key.id,
    schedules: schedule,
    threads: await make('threads', {}),
    webhooks: await make('webhooks', { url: 'https://hooks.corp.example/holdfast', events: ['run.failed'] }),
  }
})
after(async () => {
  await api.close()
  await store.close()
})

test('a foreign id is the id of nothing, on every route that takes one', async () => {
  const { body: document } = await get<Document>(`${api.url}/openapi.json`)
  const asked: string[] = []
  for (const [path, methods] of Object.entries(document.paths)) {
    if (!path.includes('{id}')) continue
    for (const [method, operation] of Object.entries(methods)) {
      const scopes = operation.security.flatMap(({ apiKey = [] }) => apiKey)
      if (scopes.some(isOperators)) continue
      const [, , kind = ''] = path.split('/')
      const id = ids[kind]
      assert.ok(id !== undefined, `the test has no id for ${path}`)
      const url = `${api.url}${path.replace('{id}', id).replace('{delivery_id}', `${id.replace('whk_', 'whd_')}_20260101`)}`
      const name = operation.requestBody?.content['application/json']?.schema.$ref?.split('/').at(-1) ?? ''
      const body = BODIES[operation.operationId] ?? document.components.schemas[name]?.examples?.[0]
      const verb = method.toUpperCase() as 'POST'
      const answer = await send<{ code?: string }>(verb, url, body, stranger)
      assert.deepEqual([answer.status, answer.body.code], [404, 'not_found'], operation.operationId)
      if (method === 'get' && !path.includes('{delivery_id}') && !path.endsWith('/events')) {
        assert.equal((await get(url, owner)).status, 200, operation.operationId)
      }
      asked.push(operation.operationId)
    }
  }
  assert.ok(asked.length >= 25, asked.join())
})
