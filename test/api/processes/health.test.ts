import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { SEARCH_ATTRIBUTES } from '../../../src/api/temporal/search-attributes.ts'
import { HTTP } from '../../../src/policies/api.ts'
import { connectionFailed } from '../../../src/store/database/outage.ts'
import { freePort } from '../../../src/worker/probe-port.ts'
import { changedDatabase } from '../../support/changed-database.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { temporalEnvironment } from '../../support/temporal.ts'
import { get } from '../support/post.ts'
import { startApi } from '../support/start-api.ts'

interface Ready {
  readonly status: string
  readonly warnings?: readonly { readonly pointer: string }[]
}

interface Problem {
  readonly code: string
  readonly errors: readonly { readonly pointer: string }[]
}

test('an API is ready when Temporal and the store answer, and says that no worker does', async (t) => {
  const temporal = await temporalEnvironment()
  t.after(() => temporal.close())
  const { database, close } = await openPgliteTestDatabase()
  const api = await startApi(database, temporal.client)
  const { status, body } = await get<Ready>(`${api.url}/ready`)
  assert.deepEqual([status, body.status], [200, 'ready'])
  assert.deepEqual(
    body.warnings?.map(({ pointer }) => pointer),
    ['/worker'],
  )
  await api.close()
  await close()
})

test('an API is ready where each check takes nearly the time that it has', async () => {
  const { database, close } = await openPgliteTestDatabase()
  const slowly = (answer: object) => async () => {
    await delay(0.8 * HTTP.readyTimeoutMs)
    return answer
  }
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` })
  const slowConnection = Object.assign(Object.create(connection), {
    workflowService: { describeNamespace: slowly({}), describeTaskQueue: slowly({ pollers: [] }) },
    operatorService: {
      listSearchAttributes: slowly({
        customAttributes: Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, 2])),
      }),
    },
  })
  const api = await startApi(database, new Client({ connection: slowConnection }))
  const { status, body } = await get<Ready>(`${api.url}/ready`)
  assert.deepEqual([status, body.status], [200, 'ready'])
  await api.close()
  await connection.close()
  await close()
})

test('an API says that it is not ready, and what is missing, soon, where Temporal and the store answer nothing', async () => {
  const { database, close } = await openPgliteTestDatabase()
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const connection = Connection.lazy({ address: `127.0.0.1:${port}` })
  const api = await startApi(
    { ...database, ping: () => new Promise(() => undefined) },
    new Client({ connection }),
  )
  const began = performance.now()
  const { status, body } = await get<Problem>(`${api.url}/ready`)
  assert.ok(performance.now() - began < 2_500)
  assert.equal(status, 503)
  assert.deepEqual(
    body.errors.map(({ pointer }) => pointer),
    ['/temporal', '/store'],
  )
  await api.close()
  await connection.close()
  silent.close()
  await close()
})

test('an API that is not ready names what is missing, says when to ask again, and lives', async () => {
  const { database, close } = await openPgliteTestDatabase()
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` })
  const gone = { ...database, ping: () => Promise.reject(new Error('gone')) }
  const api = await startApi(gone, new Client({ connection }))
  const { status, headers, body } = await get<Problem>(`${api.url}/ready`)
  assert.equal(status, 503)
  assert.equal(body.code, 'unavailable')
  assert.deepEqual(
    body.errors.map(({ pointer }) => pointer),
    ['/temporal', '/store'],
  )
  assert.equal(headers.get('retry-after'), '1')
  assert.equal((await get(`${api.url}/health`)).status, 200)
  await api.close()
  await connection.close()
  await close()
})

test('a store that is gone is answered 503, and what it said stays inside', async () => {
  const { database, close } = await openPgliteTestDatabase()
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` })
  const refused = Object.assign(new Error('connect ECONNREFUSED secret-host:5432'), { code: 'ECONNREFUSED' })
  const said = connectionFailed(refused)
  let broken: Error | null = null
  const changed = changedDatabase(database, (one) => ({
    query: (statement) => (broken === null ? one.query(statement) : Promise.reject(broken)),
  }))
  for (const [error, expected] of [
    [said, 503],
    [new Error('relation "secret" does not exist'), 500],
  ] as const) {
    // It reads as it starts who is suspended.
    broken = null
    const api = await startApi(changed, new Client({ connection }))
    broken = error
    const { status, text } = await get(`${api.url}/v1/runs`)
    assert.equal(status, expected)
    assert.doesNotMatch(text, /secret|relation|ECONN/)
    await api.close()
  }
  await connection.close()
  await close()
})
