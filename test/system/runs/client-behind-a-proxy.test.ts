import assert from 'node:assert/strict'
import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http'
import { test } from 'node:test'
import { createClient, type Event } from '../../../src/client/index.ts'
import { startRawServer } from '../../activities/models/support/raw-server.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { lookUps } from './support/look-ups.ts'

/** Bytes of an event stream that come through before the connection is cut, somewhere in an event. */
const CUT_AFTER = 1_500

test('a client behind a proxy that cuts every stream is told each event of a run once, in order', async (t) => {
  await using cleanup = new AsyncDisposableStack()
  const environment = await startEnvironment({ script: lookUps() })
  cleanup.defer(() => environment.close())
  let cuts = 0

  function proxy(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers, url = '' } = request
    const upstream = forward(new URL(url, environment.service.url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      if (!answer.headers['content-type']?.startsWith('text/event-stream')) {
        answer.pipe(response)
        return
      }
      let left = CUT_AFTER
      answer.on('data', (chunk: Buffer) => {
        if (left <= 0) return
        response.write(chunk.subarray(0, left), () => {
          if (left > 0) return
          cuts += 1
          answer.destroy()
          response.destroy()
        })
        left -= chunk.length
      })
      answer.on('end', () => response.end())
    })
    upstream.on('error', () => response.destroy())
    request.pipe(upstream)
  }

  const url = await startRawServer(t, proxy)
  const client = createClient({ url, timing: { firstDelayMs: 10 } })
  const { id } = await client.runs.start({ agent: 'research', input: '8 steps of 2, cut' })
  const seen: Event[] = []
  for await (const entry of client.runs.stream(id)) if (entry.object === 'event') seen.push(entry)

  const direct = createClient({ url: environment.service.url })
  const recorded = direct.all('GET /v1/runs/{id}/events', { path: { id }, query: { limit: 100 } })
  const all: Event[] = []
  for await (const event of recorded) all.push(event)
  assert.ok(cuts >= 5, `${cuts} cuts`)
  assert.ok(all.length > 20)
  assert.deepEqual(seen, all)
})
