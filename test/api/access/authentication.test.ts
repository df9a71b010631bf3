import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pino from 'pino'
import { newKeyText } from '../../../src/api/access/keys/key-text.ts'
import { buildServer } from '../../../src/api/server.ts'
import { covers, type Grant, isOperators, SCOPES, type Scope } from '../../../src/contracts/access/api-key.ts'
import { revokeApiKey } from '../../../src/store/access/api-keys.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import office from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { NO_OUTSIDE } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { askApproval } from '../support/ask-approval.ts'
import { get } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

interface Operation {
  readonly operationId: string
  readonly security: readonly { readonly apiKey?: readonly Scope[] }[]
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>
}
interface Problem {
  readonly code: string
}

/** What a caller would send with each operation, were it let in. */
const BODIES: Readonly<Record<string, object>> = {
  startRun: { agent: 'assistant', input: 'Hello' },
  cancelRun: {},
  addRunMessage: { content: 'Hello' },
  createKey: { principal: 'eve', scopes: ['runs:read'] },
  decideApproval: { decision: 'approve', arguments_sha256: '0'.repeat(64) },
  changeRunBudget: { max_tokens: 1 },
  putBudget: { max_tokens: 1 },
  putKillSwitch: { reason: 'It has to stop.' },
  putTenant: { time_zone: 'UTC' },
}

let store: TestDatabase
let api: TestApi
/** Of another tenant than the keys below. */
let foreign: { readonly run: string; readonly approval: string; readonly key: string }

before(async () => {
  store = await openPgliteTestDatabase()
  const { database } = store
  api = await startApi(database, recordingTemporal().client, 'test', { auth: 'keys' })
  const { id, run } = await askApproval(database, { tenant: 'other' })
  const key = await makeKey(database, { tenant: 'other' })
  foreign = { run: run.runId, approval: id, key: key.id }
})
after(async () => {
  await api.close()
  await store.close()
})

async function operations() {
  const { body } = await get<Document>(`${api.url}/openapi.json`)
  return Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
  )
}

async function closedOperations() {
  return (await operations()).flatMap(({ security, ...operation }) => {
    const scopes = security.flatMap(({ apiKey = [] }) => apiKey)
    return scopes.length === 0 ? [] : [{ ...operation, scopes }]
  })
}

/** Sends the operation as it ought to be sent, about things of the other tenant. */
async function send(
  { path, method, operationId }: { path: string; method: string; operationId: string },
  headers: Record<string, string>,
) {
  const id = path.includes('approvals') ? foreign.approval : path.includes('keys') ? foreign.key : foreign.run
  const body = BODIES[operationId]
  const parts: Record<string, string> = {
    id,
    name: 'assistant',
    scope: 'tenant',
    subject: '-',
    period: 'day',
  }
  const target = path.replace(/\{(\w+)\}/g, (_, name: string) => parts[name] ?? '')
  const answer = await fetch(api.url + target, {
    method: method.toUpperCase(),
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  const { code } = (text === '' ? {} : JSON.parse(text)) as Partial<Problem>
  return { status: answer.status, code, challenge: answer.headers.get('www-authenticate') }
}

describe('who may call', () => {
  it('only what tells nothing about anybody is open to everybody', async () => {
    const open = (await operations()).filter(({ security }) => security.length === 0)
    assert.deepEqual([...new Set(open.map(({ path }) => path))].sort(), ['/health', '/ready'])
    for (const path of ['/health', '/openapi.json', '/docs', '/errors']) {
      assert.equal((await fetch(api.url + path)).status, 200, path)
    }
  })

  it('every operation refuses a caller without a valid key, in the same words', async () => {
    const { database } = store
    const { text } = await makeKey(database)
    const revoked = await makeKey(database)
    await revokeApiKey(database, revoked.id)
    const expired = await makeKey(database, { expiresAt: '2020-01-01T00:00:00.000Z' })
    const stranger = await makeKey(database)
    await database.query({ text: 'delete from api_keys where id = $1', values: [stranger.id] })
    const mistyped = `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`
    const callers: Record<string, Record<string, string>> = {
      'no key': {},
      'a bad checksum': { authorization: `Bearer ${mistyped}` },
      'a key in another scheme': { authorization: `Basic ${text}` },
      'no key after the scheme': { authorization: 'Bearer ' },
      'a key of nobody': stranger.headers,
      'an expired key': expired.headers,
      'a revoked key': revoked.headers,
    }
    for (const operation of await closedOperations()) {
      for (const [name, headers] of Object.entries(callers)) {
        const { status, code, challenge } = await send(operation, headers)
        // An answer to HEAD has no body.
        const expected = operation.method === 'head' ? undefined : 'unauthenticated'
        assert.deepEqual([status, code], [401, expected], `${operation.operationId} with ${name}`)
        assert.match(String(challenge), /^Bearer realm="holdfast"/)
      }
    }
  })

  it('every operation refuses a key that covers everything but what it takes, and names that', async () => {
    for (const operation of await closedOperations()) {
      const scopes: Grant[] = SCOPES.filter(
        (scope) => !operation.scopes.some((needed) => covers([scope], needed)),
      )
      const { status, challenge } = await send(operation, (await makeKey(store.database, { scopes })).headers)
      assert.equal(status, 403, operation.operationId)
      assert.match(String(challenge), new RegExp(`scope="${operation.scopes.join(' ')}"`))
    }
  })

  it('an id of another tenant is the id of nothing, whatever the key covers', async () => {
    const { headers } = await makeKey(store.database)
    const about = (await closedOperations()).filter(
      ({ path, scopes }) => path.includes('{id}') && !scopes.some(isOperators),
    )
    assert.ok(about.length >= 7)
    for (const operation of about) {
      assert.equal((await send(operation, headers)).status, 404, operation.operationId)
    }
    for (const path of ['/v1/runs', '/v1/approvals']) {
      const { body } = await get<{ data: unknown[] }>(api.url + path, headers)
      assert.deepEqual(body.data, [], path)
    }
    const { body } = await get<{ data: { tenant: string }[] }>(`${api.url}/v1/keys`, headers)
    assert.deepEqual([...new Set(body.data.map(({ tenant }) => tenant))], ['default'])
  })

  it('a secret that is not the one of its id is no key', async () => {
    const [one, other] = [await makeKey(store.database), await makeKey(store.database)]
    for (const text of [newKeyText().text, one.text.replace(one.id, other.id)]) {
      const { status } = await get(`${api.url}/v1/runs`, { authorization: `Bearer ${text}` })
      assert.equal(status, 401)
    }
    assert.equal((await get(`${api.url}/v1/runs`, one.headers)).status, 200)
  })

  it('a key that is used says when, and is refused within 5 s of its revocation', async () => {
    const { id, headers } = await makeKey(store.database)
    assert.equal((await get(`${api.url}/v1/runs`, headers)).status, 200)
    const [row] = await store.database.query<{ used: boolean }>({
      text: 'select last_used_at is not null as used from api_keys where id = $1',
      values: [id],
    })
    assert.equal(row?.used, true)

    await revokeApiKey(store.database, id)
    const revokedAt = performance.now()
    while ((await get(`${api.url}/v1/runs`, headers)).status === 200) {
      assert.ok(performance.now() - revokedAt < 5_000)
    }
  })

  it('an open event stream ends within 5 s of the revocation of its key', async () => {
    const { id, headers } = await makeKey(store.database, { tenant: 'other' })
    const stream = await fetch(`${api.url}/v1/runs/${foreign.run}/events`, {
      headers: { ...headers, accept: 'text/event-stream' },
    })
    assert.equal(stream.status, 200)
    await revokeApiKey(store.database, id)
    const revokedAt = performance.now()
    await stream.text()
    assert.ok(performance.now() - revokedAt < 5_500)
  })
})

describe('what routes declare', () => {
  it('a route that does not say who may use it keeps the server from starting', async () => {
    const server = buildServer({
      telemetry: NO_TELEMETRY,
      app: office,
      outside: NO_OUTSIDE,
      database: store.database,
      temporal: recordingTemporal().client,
      taskQueue: 'test',
      logger: pino({ level: 'silent' }),
      auth: 'keys',
      secret: null,
    })
    const seen: { url: string; access: unknown }[] = []
    server.addHook('onRoute', ({ url, config }) => {
      seen.push({ url, access: config?.access })
    })
    server.get('/v1/forgotten', async () => 'secret')
    await assert.rejects(async () => server.ready(), /do not say who may use them: .*\/v1\/forgotten/)
    await server.close()
    const open = seen.filter(({ access }) => access === 'public').map(({ url }) => url)
    assert.deepEqual(open.filter((url) => !url.startsWith('/docs')).sort(), [
      '/errors',
      '/errors',
      '/health',
      '/health',
      '/ready',
      '/ready',
    ])
  })

  it('covers nothing by a name that only looks alike', () => {
    const own = ['runs:read', 'runs:write', 'runs:cancel'] as const
    for (const scope of own) {
      assert.ok(covers(['runs:*'], scope) && !covers(['runs:*'], `${scope}:all`))
      assert.ok(covers([`${scope}:all`], scope) && covers(['runs:*:all'], `${scope}:all`))
      assert.ok(!covers([scope], `${scope}:all`))
    }
    assert.ok(covers(['runs:write'], 'runs:cancel') && !covers(['runs:cancel'], 'runs:write'))
    assert.ok(!covers(['runs:write:all'], 'runs:cancel:all') && !covers(['runs:write:all'], 'runs:read'))
    assert.ok(!covers(['runs:*'], 'approvals:read') && !covers(['runs:read'], 'runs:write'))
    for (const scope of SCOPES) assert.equal(covers(['admin'], scope), !isOperators(scope), scope)
    assert.ok(covers(['tenants:*'], 'tenants:write') && !covers(['tenants:*'], 'metrics:read'))
    for (const scope of SCOPES) assert.equal(covers(['operator'], scope), isOperators(scope), scope)
    for (const scope of SCOPES) assert.ok(!covers([], scope))
  })
})
