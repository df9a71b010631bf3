import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sharePauses } from '../../../src/activities/traffic/share-pauses.ts'
import {
  type BreakerResource,
  breaker as breakerSchema,
  providerPage,
} from '../../../src/api/traffic/provider.schema.ts'
import { BREAKERS } from '../../../src/policies/models/breakers.ts'
import { PAUSES } from '../../../src/policies/models/concurrency.ts'
import { PRESENCE } from '../../../src/policies/operations/processes.ts'
import { announceProcess } from '../../../src/store/processes/processes.ts'
import { listCircuits } from '../../../src/store/traffic/circuits.ts'
import { PAUSE_CHANNEL } from '../../../src/store/traffic/pauses.ts'
import { reportCircuit } from '../../../src/store/traffic/report-circuit.ts'
import { takeFromBuckets } from '../../../src/store/traffic/take-from-buckets.ts'
import { callOf, failed } from '../../activities/traffic/support/calls.ts'
import { startRun } from '../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { get, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

let store: TestDatabase
let api: TestApi
let operator: Record<string, string>
let reader: Record<string, string>

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
  operator = (await makeKey(store.database, { principal: 'ops', scopes: ['operator'] })).headers
  reader = (await makeKey(store.database, { principal: 'eve', scopes: ['usage:read', 'budgets:write'] }))
    .headers
})
after(async () => {
  await api.close()
  await store.close()
})

const put = <T = BreakerResource>(path: string, body: unknown, headers = operator) =>
  send<T>('PUT', `${api.url}/v1/providers/${path}/breaker`, body, headers)

const breakerOf = async (provider: string, model: string) => (await modelOf(provider, model))?.breaker

async function modelOf(provider: string, model: string) {
  const { body } = await get(`${api.url}/v1/providers`, operator)
  const found = providerPage.parse(body).data.find(({ name }) => name === provider)
  return found?.models.find((one) => one.name === model)
}

async function report(model: string, openForMs: number): Promise<void> {
  await reportCircuit(
    store.database,
    { provider: 'openai', model, worker: 'host:7:x', code: 'model_timed_out', failures: 5, calls: 8 },
    { ...BREAKERS, atOnce: false, openForMs: [openForMs] },
  )
}

test('every model of an agent is listed, closed as long as nothing has happened to it', async () => {
  const { status, body } = await get(`${api.url}/v1/providers`, operator)
  assert.equal(status, 200)
  const { data } = providerPage.parse(body)
  assert.deepEqual(
    data.map(({ name }) => name),
    ['anthropic', 'openai'],
  )
  const models = data.flatMap((one) => one.models)
  for (const { breaker, held_until: heldUntil } of models) {
    const { state, since, reason, forced, reports } = breaker
    assert.deepEqual(
      [state, since, reason, forced, reports, heldUntil],
      ['closed', null, null, null, [], null],
    )
  }
})

test('limits are shown with what is left, and workers with what they have at once', async () => {
  const bucket = { provider: 'openai', model: null, unit: 'requests', perMinute: 60 } as const
  const run = await startRun(store.database, { tenant: 'default' })
  const take = (tenant: string | null) =>
    takeFromBuckets(store.database, {
      run,
      agent: 'support',
      buckets: [{ ...bucket, tenant }],
      fixedTokens: 0,
      maxOutputTokens: 0,
      mayOwe: false,
    })
  for (const tenant of [null, 'default', 'other']) await take(tenant)
  const concurrency = {
    openai: { limit: 57, inFlight: 3, waiting: 1 },
    'openai/own/model': { limit: 2, inFlight: 0, waiting: 0 },
    openai_like: { limit: 9, inFlight: 0, waiting: 0 },
  }
  await announceProcess(store.database, {
    process: { id: 'host:7:x', kind: 'worker', facts: { secret: null, missingKeys: [], concurrency } },
    taskQueue: 'test',
    ...PRESENCE,
  })
  const { body } = await get(`${api.url}/v1/providers`, operator)
  const [anthropic, openai] = providerPage.parse(body).data
  assert.deepEqual([anthropic?.limits, anthropic?.workers], [[], []])
  const [shared, own, ...others] = openai?.limits ?? []
  assert.deepEqual([shared?.tenant, own?.tenant, others], [null, 'default', []])
  assert.deepEqual([own?.model, own?.unit, own?.per_minute, own?.holds], [null, 'requests', 60, 10])
  assert.ok((own?.left ?? 0) >= 9)
  assert.deepEqual(openai?.workers, [
    { worker: 'host:7:x', model: null, limit: 57, in_flight: 3, waiting: 1 },
    { worker: 'host:7:x', model: 'own/model', limit: 2, in_flight: 0, waiting: 0 },
  ])
})

test('an open breaker says since when, why, and which workers report it', async () => {
  await report('gpt-5.5', 600_000)
  const open = await breakerOf('openai', 'gpt-5.5')
  assert.equal(open?.state, 'open')
  assert.deepEqual(open.reason, { code: 'model_timed_out', failures: 5, calls: 8 })
  assert.ok(Date.parse(open.probe_at ?? '') - Date.parse(open.since ?? '') >= 599_000)
  assert.deepEqual(
    open.reports?.map(({ worker, code, failures, calls }) => [worker, code, failures, calls]),
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

test('a model that its provider holds says until when, and `closed` alone ends it, for every worker', async () => {
  const worker = sharePauses(store.database, testLogger)
  await worker.follow()
  const call = callOf({ provider: 'openai', model: 'org/held' })
  const pass = await worker.enter(call)
  await pass.leave(failed('model_rate_limited', 99_999_999_000))
  // What is sent is sent when it has stopped.
  await worker.stop()
  await worker.follow()
  const held = await modelOf('openai', 'org/held')
  const leftMs = Date.parse(held?.held_until ?? '') - Date.now()
  assert.ok(leftMs > PAUSES.longestMs - 60_000 && leftMs <= PAUSES.longestMs, `${leftMs} ms`)
  assert.equal(held?.breaker.state, 'closed', 'its breaker has nothing to do with it')
  assert.equal((await modelOf('openai', 'gpt-5.5'))?.held_until, null)

  for (const state of ['open', 'auto'] as const) {
    await put('openai/org%2Fheld', { state })
    assert.equal((await modelOf('openai', 'org/held'))?.held_until, held?.held_until)
  }
  assert.equal((await put('openai/org%2Fheld', { state: 'closed' }, reader)).status, 403)
  await assert.rejects(worker.enter(call), { code: 'model_held_back' })

  const heard = Promise.withResolvers<void>()
  const stop = await store.database.listen(PAUSE_CHANNEL, () => heard.resolve())
  assert.equal((await put('openai/org%2Fheld', { state: 'closed' })).status, 200)
  await heard.promise
  await stop()
  assert.equal((await modelOf('openai', 'org/held'))?.held_until, null)
  await worker.enter(call)
  await worker.stop()
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

test('a tenant is told how its models are, and not of the processes and people of the installation', async () => {
  await put('openai/gpt-5.5', { state: 'open' })
  const { text, body } = await get(`${api.url}/v1/providers`, reader)
  const openai = providerPage.parse(body).data.find(({ name }) => name === 'openai')
  assert.equal('workers' in (openai ?? {}), false)
  const breaker = openai?.models.find(({ name }) => name === 'gpt-5.5')?.breaker
  assert.deepEqual([breaker?.state, breaker?.forced?.state, breaker?.forced?.by], ['open', 'open', null])
  for (const word of ['host:7:x', 'ops', 'reports']) assert.ok(!text.includes(`"${word}"`), word)
})

test('only an operator may force a breaker, since it is that of all tenants', async () => {
  const admin = (await makeKey(store.database, { scopes: ['admin'] })).headers
  for (const headers of [reader, admin]) {
    const { status, body } = await put<{ code: string }>('openai/gpt-5.5', { state: 'open' }, headers)
    assert.deepEqual([status, body.code], [403, 'forbidden'])
  }
  const nobody = await makeKey(store.database, { scopes: ['runs:read'] })
  assert.equal((await get(`${api.url}/v1/providers`, nobody.headers)).status, 403)
})
