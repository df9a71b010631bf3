import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { FastifyInstance } from 'fastify'
import { HTTP } from '../../../src/policies/api.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { buildApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

/* Starts with large bodies that wait for the end of their run, which does not come. */

const { callerBytes, fromBytes } = HTTP.largeBodies
const FILE = HTTP.bodyBytes.file

let store: TestDatabase
let api: FastifyInstance
let url: string
const bodies: WeakRef<object>[] = []

before(async () => {
  store = await openPgliteTestDatabase()
  api = buildApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
  api.addHook('preHandler', async ({ routeOptions, body }) => {
    if (routeOptions.url?.endsWith('/runs')) bodies.push(new WeakRef(body as object))
  })
  url = await api.listen({ host: '127.0.0.1', port: 0 })
})
after(async () => {
  await api.close()
  await store.close()
})

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

test('a start that waits for its run keeps neither its share of large bodies nor its body', async (t) => {
  const { headers } = await makeKey(store.database)
  const thread = await fetch(`${url}/v1/threads`, { method: 'POST', headers })
  const { id } = (await thread.json()) as { readonly id: string }
  const leave = new AbortController()
  t.after(() => leave.abort())
  let answered = 0
  for (const path of ['/v1/runs', `/v1/threads/${id}/runs`]) {
    const started = fetch(url + path, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', prefer: 'wait=60' },
      body: JSON.stringify({ agent: 'assistant', input: 'x'.repeat(fromBytes) }),
      signal: leave.signal,
    })
    const count = () => {
      answered += 1
    }
    started.then(count, count)
  }

  // All that the caller may have, but for one file.
  for (let left = callerBytes - FILE; left > 0; left -= FILE) {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
    t.after(() => socket.destroy())
    socket.on('error', () => undefined)
    socket.write(
      `POST /v1/files HTTP/1.1\r\nhost: localhost\r\nauthorization: ${headers.authorization}\r\ncontent-type: image/png\r\ncontent-length: ${Math.min(left, FILE)}\r\n\r\n`,
    )
  }
  await until('the bodies are there', async () => bodies.length === 2)
  // Zeros are no file: 422 says that they were read.
  await until('room for a file', async () => {
    const { status } = await fetch(`${url}/v1/files`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'image/png' },
      body: Buffer.alloc(FILE),
    })
    return status === 422
  })
  await until('the bodies are collected', async () => {
    collectGarbage()
    return bodies.every((body) => body.deref() === undefined)
  })
  assert.equal(answered, 0)
})
