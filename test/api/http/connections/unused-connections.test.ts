import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { startApi } from '../../support/start-api.ts'

test('connections that have brought no request do not keep the server from stopping', async (t) => {
  const store = await openPgliteTestDatabase()
  t.after(() => store.close())
  const api = await startApi(store.database, recordingTemporal().client)

  async function open(bytes: string): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: api.port })
    t.after(() => socket.destroy())
    // A reset is one way to be closed.
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(bytes)
    return socket
  }
  const silent = await open('')
  const halting = await open('GET /v1/agents HTTP/1.1\r\nhost: loc')
  // By its answer the server knows of the connections that came before it.
  const used = await open('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n')
  await once(used, 'data')

  const closed = Promise.all([silent, halting].map((socket) => once(socket.resume(), 'close')))
  const askedAt = performance.now()
  await api.close()
  await closed
  assert.ok(performance.now() - askedAt < 5_000)
})
