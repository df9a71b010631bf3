import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  type BreakerResource,
  breaker as breakerSchema,
  providerPage,
} from '../../../src/api/traffic/provider.schema.ts'
import { BREAKERS } from '../../../src/policies/breakers.ts'
import { listCircuits } from '../../../src/store/traffic/circuits.ts'
import { reportCircuit } from '../../../src/store/traffic/report-circuit.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { get, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

let store: TestDatabase
let api: TestApi
let admin: Record<string, string>
let reader: Record<string, string>

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
  admin = (await makeKey(store.database, { principal: 'ops', scopes: ['admin'] })).headers
  reader = (await makeKey(store.database, { principal: 'eve', scopes: ['usage:read', 'budgets:write'] }))
    .headers
})
after(async () => {
  await api.close()
  await store.close()
})

const put = <T = BreakerResource>(path: string, body: unknown, headers = admin) =>
  send<T>('PUT', `${api.url}/v1/providers/${path}/breaker`, body, headers)

async function breakerOf(provider: string, model: string): Promise<BreakerResource | undefined> {
  const { body } = await get(`${api.url}/v1/providers`, reader)
  const found = providerPage.parse(body).data.find(({ name }) => name === provider)
  return found?.models.find((one) => one.name === model)?.breaker
}

async function report(model: string, openForMs: number): Promise<void> {
  await reportCircuit(
    store.database,
    { provider: 'openai', model, worker: 'host:7:x', code: 'model_timed_out', failures: 5, calls: 8 },
    { ...BREAKERS, atOnce: false, openForMs: [openForMs] },
  )
}

test('every model of an agent is listed, closed as long as nothing has happened to it', async () => {
  const { status, body } = await get(`${api.url}/v1/providers`, reader)
  assert.equal(status, 200)
  const { data } = providerPage.parse(body)
  assert.deepEqual(
    data.map(({ name }) => name),
    ['anthropic', 'openai'],
  )
  const breakers = data.flatMap(({ models }) => models.map(({ breaker }) => breaker))
  for (const { state, since, reason, forced, reports } of breakers) {
    assert.deepEqual([state, since, reason, forced, reports], ['closed', null, null, null, []])
  }
})

test('an open breaker says since when, why, and which workers report it', async () => {
  await report('gpt-5.5', 600_000)
  const open = await breakerOf('openai', 'gpt-5.5')
  assert.equal(open?.state, 'open')
  assert.deepEqual(open.reason, { code: 'model_timed_out', failures: 5, calls: 8 })
  assert.ok(Date.parse(open.probe_at ?? '') - Date.parse(open.since ?? '') >= 599_000)
  assert.deepEqual(
    open.reports.map(({ worker, code, failures, calls }) => [worker, code, failures, calls]),
    [['host:7:x', 'model_timed_out', 5, 8]],
  )
  await store.database.query({ text: 'update circuits set probe_at = clock_timestamp()' })
  assert.equal((await breakerOf('openai', 'gpt-5.5'))?.state, 'half_open')
})

test('an operator holds a breaker open, then closed, and gives it back; who did it is shown', async () => {
  for (const state of ['open', 'closed'] as const) {
    const { status, body } = await put('anthropic/claude-haiku-4-5', { state })
    assert.equal(status, 200)
    assert.deepEqual(breakerSchema.parse(body), await breakerOf('anthropic', 'claude-haiku-4-5'))
    assert.equal(body.state, state)
    assert.deepEqual([body.forced?.state, body.forced?.by], [state, 'ops'])
    assert.equal(body.since, body.forced?.at)
  }
  const { body } = await put('anthropic/claude-haiku-4-5', { state: 'auto' })
  assert.deepEqual([body.state, body.forced], ['closed', null])
})

test('names of models with slashes are percent-encoded', async () => {
  await report('meta/llama-4 70b', 600_000)
  const { status, body } = await put('openai/meta%2Fllama-4%2070b', { state: 'closed' })
  assert.deepEqual([status, body.model, body.state], [200, 'meta/llama-4 70b', 'closed'])
  assert.equal((await put('openai/meta/llama-4', { state: 'closed' })).status, 404)
})

test('what nobody has asked or plans to ask is not found, and leaves no trace', async () => {
  const { status, body } = await put<{ code: string }>('openai/gpt-0', { state: 'open' })
  assert.deepEqual([status, body.code], [404, 'not_found'])
  assert.equal((await put('nobody/gpt-5.5', { state: 'open' })).status, 404)
  assert.ok((await listCircuits(store.database)).every(({ model }) => model !== 'gpt-0'))
})

test('a body that says something else is refused, and names the field', async () => {
  for (const wrong of [{}, { state: 'half_open' }, { state: null }, { state: 'open', reason: 'x' }, []]) {
    const { status, body } = await put<{ code: string; errors: readonly { pointer: string }[] }>(
      'openai/gpt-5.5',
      wrong,
    )
    assert.deepEqual([status, body.code], [400, 'invalid_request'], JSON.stringify(wrong))
    assert.ok(body.errors.length > 0)
  }
})

test('only an administrator may force a breaker, since it is that of all tenants', async () => {
  const { status, body } = await put<{ code: string }>('openai/gpt-5.5', { state: 'open' }, reader)
  assert.deepEqual([status, body.code], [403, 'forbidden'])
  const nobody = await makeKey(store.database, { scopes: ['runs:read'] })
  assert.equal((await get(`${api.url}/v1/providers`, nobody.headers)).status, 403)
})
