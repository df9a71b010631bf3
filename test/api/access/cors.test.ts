import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { get } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

const APP = 'https://app.example'
const DEV = 'http://localhost:5173'
const OTHERS = [
  'https://evil.example',
  'null',
  '*',
  'https://app.example.evil.example',
  'https://evil.example#https://app.example',
  'http://app.example',
  'https://app.example:8443',
  'https://APP.example',
  'https://app.example/',
  'https://sub.app.example',
]

let store: TestDatabase
let api: TestApi
let plain: TestApi
let key: { authorization: string }

before(async () => {
  store = await openPgliteTestDatabase()
  const start = (corsOrigins: string[]) =>
    startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys', corsOrigins })
  api = await start([APP, DEV])
  plain = await start([])
  key = (await makeKey(store.database)).headers
})
after(async () => {
  await api.close()
  await plain.close()
  await store.close()
})

/** `fetch` sends no origin of our choice in a browser; Node's does. */
const preflight = (url: string, origin: string, path = '/v1/runs', method = 'POST') =>
  fetch(url + path, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'authorization,content-type,idempotency-key',
    },
  })
const allowed = (answer: { headers: Headers }) => answer.headers.get('access-control-allow-origin')

describe('a page of an origin that may call', () => {
  it('is answered before it sends a key, for every method and path', async () => {
    for (const [path, method] of [
      ['/v1/runs', 'POST'],
      ['/v1/keys/abcdefghijkl', 'DELETE'],
      ['/v1/runs/run_x/budget', 'PATCH'],
    ] as const) {
      for (const origin of [APP, DEV]) {
        const answer = await preflight(api.url, origin, path, method)
        assert.equal(answer.status, 204)
        assert.equal(allowed(answer), origin)
        assert.match(String(answer.headers.get('access-control-allow-methods')), new RegExp(method))
        const headers = String(answer.headers.get('access-control-allow-headers')).toLowerCase()
        for (const name of ['authorization', 'content-type', 'idempotency-key', 'last-event-id', 'prefer']) {
          assert.ok(headers.includes(name), name)
        }
        assert.match(String(answer.headers.get('vary')), /origin/i)
        assert.equal(answer.headers.get('access-control-allow-credentials'), null)
        assert.ok(Number(answer.headers.get('access-control-max-age')) > 0)
      }
    }
  })

  it('may read what it is answered, refusals too, and the headers that clients need', async () => {
    for (const [path, headers, status] of [
      ['/v1/runs', key, 200],
      ['/v1/runs', {}, 401],
      ['/v1/runs', { authorization: 'Bearer hf_bad' }, 401],
      ['/v1/runs/run_00000000000000000000000000', key, 404],
      ['/v1/nothing', key, 404],
      ['/v1/runs', { ...key, accept: 'text/html' }, 406],
    ] as const) {
      const answer = await get(api.url + path, { ...headers, origin: APP })
      assert.deepEqual([answer.status, allowed(answer)], [status, APP], path)
      const exposed = String(answer.headers.get('access-control-expose-headers')).toLowerCase()
      for (const name of ['location', 'idempotency-replayed', 'retry-after', 'ratelimit', 'x-request-id']) {
        assert.ok(exposed.split(', ').includes(name), name)
      }
    }
  })

  it('may read a stream', async () => {
    const stream = await fetch(`${api.url}/v1/approvals`, {
      headers: { ...key, origin: APP, accept: 'text/event-stream' },
    })
    assert.deepEqual([stream.status, allowed(stream)], [200, APP])
    await stream.body?.cancel()
  })
})

describe('a page of any other origin', () => {
  for (const origin of OTHERS) {
    it(`is told nothing: ${origin}`, async () => {
      assert.equal(allowed(await preflight(api.url, origin)), null)
      const answer = await get(`${api.url}/v1/runs`, { ...key, origin })
      assert.deepEqual([answer.status, allowed(answer)], [200, null])
      assert.match(String(answer.headers.get('vary')), /origin/i)
    })
  }

  it('is answered like anybody who sends OPTIONS', async () => {
    const answer = await preflight(api.url, 'https://evil.example')
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, 'GET, HEAD, POST'])
  })
})

describe('what CORS does not change', () => {
  it('a method that a path does not take, and a path that there is not', async () => {
    for (const [path, method] of [
      ['/v1/runs', 'DELETE'],
      ['/v1/nothing', 'GET'],
      ['/v1/nothing', 'OPTIONS'],
    ] as const) {
      const [one, other] = [
        await fetch(api.url + path, { method }),
        await fetch(plain.url + path, { method }),
      ]
      assert.equal(one.status, other.status, `${method} ${path}`)
      assert.equal(one.headers.get('allow'), other.headers.get('allow'))
    }
  })

  it('the document', async () => {
    const [one, other] = [await get(`${api.url}/openapi.json`), await get(`${plain.url}/openapi.json`)]
    assert.equal(one.text, other.text)
  })

  it('an API without origins: no page may read its answers', async () => {
    assert.equal(allowed(await preflight(plain.url, APP)), null)
    assert.equal(allowed(await get(`${plain.url}/v1/runs`, { ...key, origin: APP })), null)
  })
})
