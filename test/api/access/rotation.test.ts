import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pino from 'pino'
import type { ApiKeyResource } from '../../../src/api/access/key.schema.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { get, post, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

const DAY_MS = 86_400_000
const EXPIRES = 'holdfast-key-expires'

let store: TestDatabase
let api: TestApi
let admin: Record<string, string>
const warnings: Record<string, unknown>[] = []

before(async () => {
  store = await openPgliteTestDatabase()
  const logger = pino({ level: 'warn' }, { write: (line: string) => warnings.push(JSON.parse(line)) })
  api = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys', logger })
  admin = (await makeKey(store.database, { principal: 'root' })).headers
})
after(async () => {
  await api.close()
  await store.close()
})

const rotate = (id: string, body?: object) =>
  send<ApiKeyResource & { key: string; code?: string }>(
    'POST',
    `${api.url}/v1/keys/${id}/rotate`,
    body,
    admin,
  )
const use = (text: string) => get(`${api.url}/v1/runs`, { authorization: `Bearer ${text}` })
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()

/** What is cached of a key is up to 2 s old. */
async function refusedSoon(text: string): Promise<void> {
  const since = performance.now()
  while ((await use(text)).status === 200) assert.ok(performance.now() - since < 5_000)
}

describe('a key that is rotated', () => {
  it('keeps its id and what it covers; both of its secrets are taken', async () => {
    const { id, text } = await makeKey(store.database, { groups: ['finance'], scopes: ['runs:read'] })
    // From now on the key with its first secret is cached.
    assert.equal((await use(text)).status, 200)
    const { status, body, headers } = await rotate(id)
    assert.equal(status, 200)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(body.key.slice(0, 16), text.slice(0, 16))
    assert.deepEqual([body.id, body.groups, body.scopes], [id, ['finance'], ['runs:read']])
    const endsInMs = Date.parse(String(body.old_secret_until)) - Date.now()
    assert.ok(Math.abs(endsInMs - DAY_MS) < 60_000)
    assert.deepEqual([(await use(text)).status, (await use(body.key)).status], [200, 200])
    const listed = await get<{ data: object[] }>(`${api.url}/v1/keys`, admin)
    assert.ok(!listed.text.includes(body.key.slice(16, 48)))
  })

  it('has two secrets at most: a further rotation ends the older one', async () => {
    const { id, text } = await makeKey(store.database)
    const second = (await rotate(id)).body.key
    const third = (await rotate(id)).body.key
    await refusedSoon(text)
    assert.deepEqual([(await use(second)).status, (await use(third)).status], [200, 200])
  })

  it('may lose its old secret at once', async () => {
    const { id, text } = await makeKey(store.database)
    const { body } = await rotate(id, { old_valid_for_ms: 0 })
    assert.equal(body.old_secret_until, null)
    await refusedSoon(text)
    assert.equal((await use(body.key)).status, 200)
  })

  it('is revoked with both of its secrets, and is not rotated after that', async () => {
    const { id, text } = await makeKey(store.database)
    const { body } = await rotate(id)
    await send('DELETE', `${api.url}/v1/keys/${id}`, undefined, admin)
    await refusedSoon(text)
    await refusedSoon(body.key)
    const again = await rotate(id)
    assert.deepEqual([again.status, again.body.code], [409, 'key_ended'])
  })

  it('ends the long requests of the secret that ends, and of no other', async () => {
    const { id, text } = await makeKey(store.database)
    const run = await acceptTestRun(store.database, { principal: 'ann' })
    const open = (bearer: string) =>
      fetch(`${api.url}/v1/runs/${run.id}/events`, {
        headers: { authorization: `Bearer ${bearer}`, accept: 'text/event-stream' },
      })
    const ofOld = await open(text)
    const { body } = await rotate(id, { old_valid_for_ms: 0 })
    const since = performance.now()
    await ofOld.text()
    assert.ok(performance.now() - since < 5_500)
    const ofNew = await open(body.key)
    assert.equal(ofNew.status, 200)
    await ofNew.body?.cancel()
  })

  it('is refused a time that is none', async () => {
    const { id } = await makeKey(store.database)
    for (const ms of [-1, 1.5, '60000', 31 * DAY_MS, null]) {
      assert.equal((await rotate(id, { old_valid_for_ms: ms })).status, 400, String(ms))
    }
    assert.equal((await rotate(id, { old_valid_for_ms: 30 * DAY_MS })).status, 200)
  })
})

describe('a key that ends soon', () => {
  it('is told so by every answer, refusals and streams too', async () => {
    const expiresAt = inDays(13)
    const { text } = await makeKey(store.database, { scopes: ['runs:read'], expiresAt })
    const headers = { authorization: `Bearer ${text}` }
    const run = await acceptTestRun(store.database, { principal: 'ann' })
    for (const [path, status] of [
      ['/v1/runs', 200],
      ['/v1/runs/run_00000000000000000000000000', 404],
      ['/v1/keys', 403],
    ] as const) {
      const answer = await get(api.url + path, headers)
      assert.deepEqual([answer.status, answer.headers.get(EXPIRES)], [status, expiresAt], path)
    }
    const stream = await fetch(`${api.url}/v1/runs/${run.id}/events`, {
      headers: { ...headers, accept: 'text/event-stream' },
    })
    assert.equal(stream.headers.get(EXPIRES), expiresAt)
    await stream.body?.cancel()
  })

  it('is told neither of a key that ends later nor of one that does not end', async () => {
    for (const expiresAt of [inDays(15), null]) {
      const { text } = await makeKey(store.database, { expiresAt })
      assert.equal((await use(text)).headers.get(EXPIRES), null)
    }
  })

  it('is told to the bearer of an old secret, and not to that of the new one', async () => {
    const { id } = await makeKey(store.database, { expiresAt: inDays(100) })
    const old = (await rotate(id)).body.key
    const { body } = await rotate(id)
    const since = performance.now()
    while ((await use(old)).headers.get(EXPIRES) !== body.old_secret_until) {
      assert.ok(performance.now() - since < 5_000)
    }
    assert.equal((await use(body.key)).headers.get(EXPIRES), null)
  })

  it('is warned of once a day, however often it is used', async () => {
    const expiresAt = inDays(3)
    const { id, text } = await makeKey(store.database, { expiresAt })
    for (let at = 0; at < 3; at += 1) await use(text)
    const about = warnings.filter(({ keyId }) => keyId === id)
    assert.deepEqual(
      about.map(({ endsAt, tenant, msg }) => [endsAt, tenant, msg]),
      [[expiresAt, 'default', 'a key that is used ends soon']],
    )
  })
})

it('a key that may not manage keys rotates none, its own neither', async () => {
  const { id, headers } = await makeKey(store.database, { scopes: ['runs:*:all', 'principals:act'] })
  assert.equal((await post(`${api.url}/v1/keys/${id}/rotate`, {}, headers)).status, 403)
})
