import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { startApi, type TestApi } from '../../support/start-api.ts'
import { makeKey } from '../../support/test-keys.ts'

/* Many clients read no answer before they have sent their whole body. */

const MEGABYTE = 1_048_576
const CHUNK = Buffer.alloc(65_536, 'x')

let store: TestDatabase
let api: TestApi
let credential: string
before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client, 'test', { auth: 'keys' })
  credential = `authorization: ${(await makeKey(store.database)).headers.authorization}\r\n`
})
after(async () => {
  await api.close()
  await store.close()
})

/** Sends a head, and reads the answer after all of the rest is sent. @throws where the connection breaks off before */
async function sendAll(head: string, rest: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: api.port }).setEncoding('utf8').pause()
  const broken = once(socket, 'error').then(([error]) => Promise.reject(error))
  broken.catch(() => undefined)
  try {
    socket.write(head)
    for (let sent = 0; sent < rest; sent += CHUNK.length) {
      if (!socket.write(CHUNK.subarray(0, rest - sent))) await Promise.race([once(socket, 'drain'), broken])
    }
    const [answer] = await Promise.race([once(socket.resume(), 'data'), broken])
    return String(answer)
  } finally {
    socket.destroy()
  }
}

const headOf = (path: string, type: string, bytes: number, more = '') =>
  `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${more}content-type: ${type}\r\ncontent-length: ${bytes}\r\n\r\n`

describe('a client that goes on sending reads why its request is refused', () => {
  const CLOSE = 'connection: close\r\n'
  for (const close of ['', CLOSE]) {
    const how = close === '' ? '' : ', also where it has asked to close the connection'
    it(`without a credential${how}`, async () => {
      const bytes = 16 * MEGABYTE
      const answer = await sendAll(headOf('/v1/files', 'image/png', bytes, close), bytes)
      assert.match(answer, /^HTTP\/1.1 401 /)
    })
    it(`with a body that is too large${how}`, async () => {
      const bytes = 32 * MEGABYTE
      const answer = await sendAll(headOf('/v1/files', 'image/png', bytes, credential + close), bytes)
      assert.match(answer, /^HTTP\/1.1 413 /)
    })
    it(`with a body of another kind${how}`, async () => {
      const bytes = 16 * MEGABYTE
      const answer = await sendAll(headOf('/v1/runs', 'text/plain', bytes, credential + close), bytes)
      assert.match(answer, /^HTTP\/1.1 4/)
    })
  }
  it('with headers that are too large', async () => {
    const answer = await sendAll('GET /v1/runs HTTP/1.1\r\nhost: localhost\r\nx-note: ', MEGABYTE)
    assert.match(answer, /^HTTP\/1.1 431 /)
  })
})
