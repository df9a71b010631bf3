import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { signBrowserToken } from '../../../../src/api/access/browser-tokens/token-text.ts'
import type { RunId } from '../../../../src/contracts/runs/run.ts'
import { BROWSER_TOKENS } from '../../../../src/policies/tokens.ts'
import { rotateApiKey } from '../../../../src/store/access/api-keys.ts'
import { closeRun } from '../../../../src/store/runs/close-run.ts'
import { until } from '../../../support/until.ts'
import { get, post, send } from '../../support/post.ts'
import { readStream } from '../../support/read-stream.ts'
import { bearer, type MadeToken, SECRET, startTokenApi, type TokenApi } from '../support/token-api.ts'

let api: TokenApi

before(async () => {
  api = await startTokenApi()
})
after(() => api.close())

/** Gives a key a new secret, and answers its headers. */
async function rotate(id: string, oldValidForMs: number) {
  const admin = await api.keyOf('root', ['admin'])
  const body = { old_valid_for_ms: oldValidForMs }
  return bearer((await post<{ key: string }>(api.v1(`/keys/${id}/rotate`), body, admin.headers)).body.key)
}

const secondsLeft = ({ expires_at }: MadeToken) => (Date.parse(expires_at) - Date.now()) / 1_000

describe('how long a token is good', () => {
  it('as long as was asked, and no longer than its key', async () => {
    const run = await api.runOf('ann')
    const { headers } = await api.keyOf('ann', ['runs:read'])
    const usual = (await api.make(headers, { run_id: run })).body
    assert.ok(Math.abs(secondsLeft(usual) - BROWSER_TOKENS.lifeSeconds.usual) < 5)
    const short = (await api.make(headers, { run_id: run, expires_in: 60 })).body
    assert.ok(Math.abs(secondsLeft(short) - 60) < 5)
    assert.ok(Math.abs(short.expires_in - 60) < 5)
    const expiresAt = new Date(Date.now() + 100_000).toISOString()
    const ending = await api.keyOf('ann', ['runs:read'], { expiresAt })
    const { body } = await api.make(ending.headers, { run_id: run })
    assert.ok(Date.parse(body.expires_at) <= Date.parse(expiresAt) && secondsLeft(body) > 90)
  })

  it("no longer than the issuer's token that has made it", async () => {
    const run = await api.runOf('ann', 'acme')
    const exp = Math.floor(Date.now() / 1_000) + 120
    const jwt = await api.tokenOfIssuer({ exp, jti: 'jwt-1' })
    const { status, body } = await api.make(jwt, { run_id: run })
    assert.deepEqual([status, Date.parse(body.expires_at)], [201, exp * 1_000])
    assert.equal(await api.readsRun(body.token, run), 200)
  })

  it('at least as long as the least that can be asked, or there is none', async () => {
    const run = await api.runOf('ann', 'acme')
    const { least } = BROWSER_TOKENS.lifeSeconds
    const endingIn = async (seconds: number) =>
      api.make(await api.tokenOfIssuer({ exp: Math.floor(Date.now() / 1_000) + seconds }), { run_id: run })
    // By the issuer's clock the first has ended.
    for (const seconds of [-10, 0, least - 1]) {
      const { status, body } = await endingIn(seconds)
      assert.deepEqual([status, body.code], [401, 'unauthenticated'], `${seconds}`)
    }
    const expiresAt = new Date(Date.now() + (least - 1) * 1_000).toISOString()
    const ending = await api.keyOf('ann', ['runs:read'], { expiresAt, tenant: 'acme' })
    assert.equal((await api.make(ending.headers, { run_id: run })).status, 401)
    const { headers } = await api.keyOf('ann', ['runs:read'], { tenant: 'acme' })
    const shortest = (await api.make(headers, { run_id: run, expires_in: least })).body
    assert.equal(shortest.expires_in, least)
    assert.equal((await endingIn(least + 5)).status, 201)
  })

  it('not a moment after its time, open streams included', async () => {
    const run = await api.runOf('ann')
    const key = await api.keyOf('ann', ['runs:read'])
    const token = await signBrowserToken(SECRET, {
      jti: 'tok_short',
      iat: Math.floor(Date.now() / 1_000),
      exp: Math.floor(Date.now() / 1_000) + 3,
      tenant: 'default',
      sub: 'ann',
      groups: [],
      scopes: ['runs:read'],
      target: { runId: run },
      write: false,
      agents: null,
      maker: { type: 'key', id: key.id },
      makerPrincipal: 'ann',
    })
    const seen: string[] = []
    for await (const { event } of readStream(api.v1(`/runs/${run}/events`), bearer(token))) seen.push(event)
    assert.deepEqual(seen, ['run.queued'])
    assert.equal(await api.readsRun(token, run), 401)
  })

  it('no longer than its key is not revoked', async () => {
    const run = await api.runOf('ann')
    const key = await api.keyOf('ann', ['runs:read'])
    const { body } = await api.make(key.headers, { run_id: run })
    assert.equal(await api.readsRun(body.token, run), 200)
    const admin = await api.keyOf('root', ['admin'])
    assert.equal((await send('DELETE', api.v1(`/keys/${key.id}`), undefined, admin.headers)).status, 200)
    await until('the key is refused', async () => (await api.readsRun(body.token, run)) === 401)
  })

  it('no longer than the secret that has made it, open streams included', async () => {
    const run = await api.runOf('ann')
    const key = await api.keyOf('ann', ['runs:read'])
    const old = (await api.make(key.headers, { run_id: run })).body.token
    const second = await rotate(key.id, 60_000)
    const made = (await api.make(second, { run_id: run })).body.token
    assert.deepEqual([await api.readsRun(old, run), await api.readsRun(made, run)], [200, 200])

    const seen: string[] = []
    const stream = (async () => {
      for await (const { event } of readStream(api.v1(`/runs/${run}/events`), bearer(made))) seen.push(event)
    })()
    await until('the stream is open', async () => seen.length === 1)
    const third = await rotate(key.id, 0)
    const refused = async (token: string) => (await api.readsRun(token, run)) === 401
    await until('refused', async () => (await refused(old)) && (await refused(made)), 5_000)
    await stream
    assert.deepEqual(seen, ['run.queued'])
    const latest = (await api.make(third, { run_id: run })).body.token
    assert.equal(await api.readsRun(latest, run), 200)

    // The next rotation, which leaves its old secret a while, brings back none of those that this one has ended.
    await rotate(key.id, 60_000)
    const knowsOfIt = async () => (await get(api.v1('/runs'), third)).headers.has('holdfast-key-expires')
    await until('the API knows of the rotation', knowsOfIt, 5_000)
    const now = await Promise.all([old, made, latest].map((token) => api.readsRun(token, run)))
    assert.deepEqual(now, [401, 401, 200])
  })

  it('and is made by no secret that has ended, whatever is cached of its key', async () => {
    const run = await api.runOf('ann')
    const key = await api.keyOf('ann', ['runs:read'])
    // The key with its first secret is cached, and another process rotates it.
    await api.make(key.headers, { run_id: run })
    await rotateApiKey(api.store.database, { id: key.id, secretSha256: 'f'.repeat(64), oldValidForMs: 0 })
    assert.equal((await api.make(key.headers, { run_id: run })).status, 401)
  })

  it('until its thread is deleted, with the runs in it', async () => {
    const { headers } = await api.keyOf('ann', ['runs:*'])
    const thread = (await post<{ id: string }>(api.v1('/threads'), {}, headers)).body.id
    const start = { agent: 'assistant', input: 'Hello' }
    const run = (await post<{ id: RunId }>(api.v1(`/threads/${thread}/runs`), start, headers)).body.id
    const ofThread = (await api.make(headers, { thread_id: thread })).body.token
    const ofRun = (await api.make(headers, { run_id: run })).body.token
    const seen = async () => [
      (await get(api.v1(`/threads/${thread}`), bearer(ofThread))).status,
      await api.readsRun(ofThread, run),
      await api.readsRun(ofRun, run),
    ]
    assert.deepEqual(await seen(), [200, 200, 200])
    const identity = { runId: run, tenant: 'default', principal: 'ann' }
    await closeRun(api.store.database, {
      run: identity,
      status: 'failed',
      steps: 0,
      approvals: [],
      failedHops: [],
    })
    assert.equal((await send('DELETE', api.v1(`/threads/${thread}`), undefined, headers)).status, 200)
    assert.deepEqual(await seen(), [404, 404, 404])
    assert.equal((await get(api.v1(`/runs/${run}`), headers)).status, 200)
  })
})
