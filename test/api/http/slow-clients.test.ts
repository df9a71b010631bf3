import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { HTTP } from '../../../src/policies/api.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

/* Clients that send their requests a byte at a time. */

const CLIENTS = 500
const EVERY_MS = 200
/** For a busy machine, beside the clocks of the table. */
const SPARE_MS = 10_000

const BODY = JSON.stringify({ agent: 'support', input: 'x'.repeat(2_000) })
const HEAD = `POST /v1/runs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n`

let store: TestDatabase
let api: TestApi
before(async () => {
  store = await openPgliteTestDatabase()
  api = await startApi(store.database, recordingTemporal().client)
})
after(async () => {
  await api.close()
  await store.close()
})

interface SlowClient {
  readonly socket: Socket
  /** What the server has said, once it has closed the connection, and when. */
  readonly ended: Promise<{ readonly said: string; readonly afterMs: number }>
}

/** Sends `atOnce`, and then the rest a byte at a time until the server closes the connection. */
function sendSlowly(atOnce: string, rest: string): SlowClient {
  const socket = connect(api.port, '127.0.0.1')
  const startedAt = performance.now()
  let said = ''
  socket.on('data', (bytes) => {
    said += bytes.toString('latin1')
  })
  socket.on('error', () => undefined)
  socket.write(atOnce)
  let at = 0
  const dripping = setInterval(() => {
    if (socket.writable && at < rest.length) socket.write(rest.charAt(at))
    at += 1
  }, EVERY_MS)
  const ended = new Promise<{ said: string; afterMs: number }>((resolve) => {
    socket.once('close', () => {
      clearInterval(dripping)
      resolve({ said, afterMs: performance.now() - startedAt })
    })
  })
  return { socket, ended }
}

/** Milliseconds of a usual request, while `until` has not settled and at least so often. */
async function timeRequests(least: number, until: Promise<unknown> = Promise.resolve()): Promise<number[]> {
  const times: number[] = []
  let isOver = false
  void until.then(() => {
    isOver = true
  })
  while (times.length < least || !isOver) {
    const startedAt = performance.now()
    const { status } = await fetch(`${api.url}/v1/agents`)
    times.push(performance.now() - startedAt)
    assert.equal(status, 200)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return times.sort((one, other) => one - other)
}

const p99 = (times: readonly number[]) => times[Math.floor(times.length * 0.99)] ?? Number.NaN

for (const [what, atOnce, rest, clockMs] of [
  ['heads', '', `${HEAD}x-note: ${'x'.repeat(1_000)}\r\n\r\n`, HTTP.headersTimeoutMs],
  ['bodies', `${HEAD}\r\n`, BODY, HTTP.requestTimeoutMs],
] as const) {
  test(`F21: ${CLIENTS} clients that drip their ${what} are answered 408 in time, and others notice nothing`, async (t) => {
    const alone = await timeRequests(100)
    const clients = Array.from({ length: CLIENTS }, () => sendSlowly(atOnce, rest))
    const all = Promise.all(clients.map(({ ended }) => ended))
    const beside = await timeRequests(100, all)
    for (const { said, afterMs } of await all) {
      assert.match(said, /^HTTP\/1\.1 408 /)
      assert.match(said, /"code":"request_timeout"/)
      assert.ok(afterMs >= clockMs - HTTP.connectionsCheckMs)
      assert.ok(afterMs <= clockMs + HTTP.connectionsCheckMs + SPARE_MS, `closed only after ${afterMs} ms`)
    }
    t.diagnostic(
      `p99 of a request: ${p99(alone).toFixed(1)} ms alone, ${p99(beside).toFixed(1)} ms beside ${CLIENTS} slow clients (${beside.length} requests)`,
    )
    assert.ok(p99(beside) < 2_000)
  })
}
