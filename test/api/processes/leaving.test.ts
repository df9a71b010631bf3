import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { test } from 'node:test'
import { Client, Connection } from '@temporalio/client'
import { freePort } from '../../../src/worker/probe-port.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { get } from '../support/post.ts'
import { startApi } from '../support/start-api.ts'

/** The header by which the server says what becomes of the connection. */
function connectionHeader(url: string, agent: Agent): Promise<string | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
  request(url, { agent }, (answer) => {
    answer.resume().once('end', () => resolve(answer.headers.connection))
  })
    .once('error', reject)
    .end()
  return promise
}

test('an API that is about to stop is not ready, lives, answers, and keeps no connection', async (t) => {
  const { database, close } = await openPgliteTestDatabase()
  const connection = Connection.lazy({ address: `127.0.0.1:${await freePort()}` })
  const leaving = new AbortController()
  const api = await startApi(database, new Client({ connection }), 'test', { leaving: leaving.signal })
  const agent = new Agent({ keepAlive: true })
  // The API first: what it still asks must find its servers.
  t.after(async () => {
    agent.destroy()
    await api.close()
    await connection.close()
    await close()
  })
  assert.equal(await connectionHeader(`${api.url}/v1/agents`, agent), 'keep-alive')

  leaving.abort()
  const { status, body } = await get<{ code: string; errors: { pointer: string }[] }>(`${api.url}/ready`)
  assert.deepEqual(
    [status, body.code, body.errors.map(({ pointer }) => pointer)],
    [503, 'unavailable', ['/process']],
  )
  assert.equal((await get(`${api.url}/health`)).status, 200)
  assert.equal((await get(`${api.url}/v1/agents`)).status, 200)
  assert.equal(await connectionHeader(`${api.url}/v1/agents`, agent), 'close')
})
