import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, it } from 'node:test'
import Fastify, { type FastifyReply } from 'fastify'
import { whileValid } from '../../../../src/api/access/while-valid.ts'
import { goneSignal } from '../../../../src/api/http/connections/gone-signal.ts'
import { openSseStream } from '../../../../src/api/http/sse-stream.ts'
import { createStreamLimit } from '../../../../src/api/limits/stream-limit.ts'
import type { LimitSet } from '../../../../src/policies/api-limits.ts'
import { NO_TELEMETRY } from '../../../../src/telemetry/telemetry.ts'

/** A reply whose reader has left before its handler came to it. In an object, since a reply can be awaited, until it is sent. */
async function withoutReader(t: {
  after(end: () => unknown): void
}): Promise<{ readonly reply: FastifyReply }> {
  const server = Fastify()
  t.after(() => server.close())
  server.decorateRequest('principal')
  server.decorateRequest('caller')
  const asked = Promise.withResolvers<{ readonly reply: FastifyReply }>()
  server.get('/', (_request, reply) => asked.resolve({ reply: reply.hijack() }))
  const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }))
  const reader = connect({ host: '127.0.0.1', port: Number(port) })
  reader.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n')
  const { reply } = await asked.promise
  const closed = once(reply.raw, 'close')
  reader.destroy()
  await closed
  return { reply }
}

describe('where the reader left before its stream began', () => {
  it('the stream is closed', async (t) => {
    const { reply } = await withoutReader(t)
    const stream = openSseStream(reply)
    assert.ok(stream.closed.aborted)
    stream.send({ event: 'run.completed', data: {} })
    stream.end()
  })

  it('nothing waits for the reader', async (t) => {
    const { reply } = await withoutReader(t)
    assert.ok(goneSignal(reply).aborted)
  })

  it('the stream counts no more', async (t) => {
    const { reply } = await withoutReader(t)
    reply.request.principal = {
      tenant: 'acme',
      id: 'ann',
      groups: [],
      scopes: [],
      credential: { type: 'key', id: 'k', principal: 'ann' },
    }
    const one: LimitSet = { requestsPerMinute: null, startsPerMinute: null, concurrentRuns: null, streams: 1 }
    const streams = createStreamLimit(() => ({ caller: one, tenant: one }), NO_TELEMETRY)
    streams.open(reply)
    streams.open(reply)
  })

  it('the credential is not looked at again', async (t) => {
    const { reply } = await withoutReader(t)
    t.mock.timers.enable({ apis: ['setInterval'] })
    let looks = 0
    const stillValid = async () => {
      looks += 1
      return true
    }
    const confirm = async () => null
    reply.request.caller = { principal: reply.request.principal, endsAt: null, stillValid, confirm }
    whileValid(reply)
    t.mock.timers.tick(3_600_000)
    assert.equal(looks, 0)
  })
})
