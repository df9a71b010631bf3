import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { z } from 'zod'
import { cacheOverview } from '../../../src/api/cache/cache.schema.ts'
import { keepAnswer } from '../../../src/store/cache/keep-answer.ts'
import { lookUpAnswer } from '../../../src/store/cache/look-up-answer.ts'
import { assistantMessage, startRun } from '../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { get, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

let store: TestDatabase
let api: TestApi

before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client, 'test', {
    auth: 'keys',
    secret: 'x'.repeat(32),
  })
  for (const [tenant, agent, promptVersion] of [
    ['default', 'support', 'v1'],
    ['default', 'support', 'v2'],
    ['default', 'sales', 'v1'],
    ['rival', 'support', 'v1'],
  ] as const)
    await keep(tenant, agent, promptVersion)
})
after(async () => {
  await api.close()
  await store.close()
})

/** An answer in the cache, as a run that found none has left it. */
async function keep(tenant: string, agent: string, promptVersion: string): Promise<void> {
  const run = await startRun(store.database, { tenant, agent })
  const key = [tenant, agent, promptVersion].join(' ')
  const owner = { tenant, agent, promptVersion }
  const call = { run, step: 1, hop: 0, provider: 'openai', model: 'm', exactMs: 60_000, similarMs: 60_000 }
  await lookUpAnswer(store.database, { ...call, owner, key, holder: run.runId })
  await keepAnswer(store.database, {
    lead: { key, holder: run.runId },
    frame: 'frame',
    ttlMs: 60_000,
    answer: { message: assistantMessage('Yes.'), stop: 'end', servedBy: 'm' },
    inputTokens: 1,
    outputTokens: 1,
    costMicroUsd: 1,
    question: null,
  })
}

const url = (query = '') => `${api.url}/v1/cache${query}`

async function overview(headers: Record<string, string>): Promise<z.output<typeof cacheOverview>> {
  const { status, body } = await get(url(), headers)
  assert.equal(status, 200)
  return cacheOverview.parse(body)
}

test('a tenant sees its own cache, by agent', async () => {
  const { headers } = await makeKey(store.database, { scopes: ['usage:read'] })
  const { data } = await overview(headers)
  assert.deepEqual(
    data.map(({ agent, entries, misses, hit_rate }) => [agent, entries, misses, hit_rate]),
    [
      ['sales', 1, 1, 0],
      ['support', 2, 2, 0],
    ],
  )
  const empty = await makeKey(store.database, { tenant: 'newcomer', scopes: ['usage:read'] })
  assert.deepEqual((await overview(empty.headers)).data, [])
})

test('seeing takes usage:read, and purging budgets:write', async () => {
  const reader = await makeKey(store.database, { scopes: ['usage:read', 'runs:*:all'] })
  const writer = await makeKey(store.database, { scopes: ['budgets:write'] })
  assert.equal((await send('DELETE', url(), undefined, reader.headers)).status, 403)
  assert.equal((await get(url(), writer.headers)).status, 403)
  assert.equal((await get(url())).status, 401)
})

test('what cannot be meant is refused, and nothing is removed', async () => {
  const { headers } = await makeKey(store.database)
  for (const query of ['?agent=', '?tenant=rival', '?agent=a&agent=b', `?agent=${'a'.repeat(101)}`]) {
    assert.equal((await send('DELETE', url(query), undefined, headers)).status, 400, query)
  }
  assert.equal((await get(url('?agent=support'), headers)).status, 400)
  assert.deepEqual(
    (await overview(headers)).data.map(({ entries }) => entries),
    [1, 2],
  )
})

test('a purge takes what it names, of its own tenant; the counts stay', async () => {
  const { headers } = await makeKey(store.database)
  const purge = async (query: string) => (await send('DELETE', url(query), undefined, headers)).body
  assert.deepEqual(await purge('?agent=support&prompt_version=v2'), { object: 'cache_purge', removed: 1 })
  assert.deepEqual(await purge('?agent=nobody'), { object: 'cache_purge', removed: 0 })
  assert.deepEqual(await purge(''), { object: 'cache_purge', removed: 2 })
  const { data } = await overview(headers)
  assert.deepEqual(
    data.map(({ agent, entries, misses }) => [agent, entries, misses]),
    [
      ['sales', 0, 1],
      ['support', 0, 2],
    ],
  )
  const rival = await makeKey(store.database, { tenant: 'rival' })
  assert.deepEqual(
    (await overview(rival.headers)).data.map(({ entries }) => entries),
    [1],
  )
})
