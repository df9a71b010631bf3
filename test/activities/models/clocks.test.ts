import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askAt, HELLO, startAsking, WIRES } from './ask.ts'
import { startRawServer } from './raw-server.ts'

for (const wire of WIRES) {
  test(`${wire}: a provider that never answers is given up by our own clock, and its socket closed`, async (t) => {
    // Long enough for the request to arrive, also on a busy machine.
    const { ask, provider } = await startAsking(t, { fault: 'hang' }, { firstEventMs: 500, idleMs: 20_000 })
    await assert.rejects(ask(wire), { code: 'model_timed_out', billed: 'unknown' })
    await provider.requests[0]?.closed
    assert.equal(provider.requests[0]?.closedEarly, true)
  })

  test(`${wire}: an answer that falls silent is given up by our own clock, and its socket closed`, async (t) => {
    const { ask, provider } = await startAsking(
      t,
      { text: 'The beginning of an answer.', fault: 'stall' },
      { firstEventMs: 20_000, idleMs: 50 },
    )
    await assert.rejects(ask(wire), { code: 'model_stalled', requestId: /^req_/, billed: 'unknown' })
    await provider.requests[0]?.closed
    assert.equal(provider.requests[0]?.closedEarly, true)
  })

  test(`${wire}: headers alone are no answer`, async (t) => {
    const url = await startRawServer(t, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
    })
    const ask = askAt(url, { firstEventMs: 50, idleMs: 20_000 })
    await assert.rejects(ask(wire), { code: 'model_timed_out', billed: 'unknown' })
  })

  test(`${wire}: an answer that is complete stays so though its connection never ends`, async (t) => {
    const { provider } = await startAsking(t, { text: 'All of it.' })
    const url = await startRawServer(t, async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const upstream = await fetch(`${provider.url}${request.url}`, {
        method: 'POST',
        body: Buffer.concat(chunks),
      })
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write((await upstream.text()).replace('data: [DONE]\n\n', ''))
    })
    const { message } = await askAt(url, { firstEventMs: 20_000, idleMs: 100 })(wire)
    assert.equal(message.text, 'All of it.')
  })
}

test('anthropic-messages: pings keep a silent answer alive', async (t) => {
  const lines = (type: string, data: object) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
  const url = await startRawServer(t, (_, response) => {
    const usage = { input_tokens: 1, output_tokens: 1 }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(
      lines('message_start', { message: { id: 'm', model: 'm', role: 'assistant', content: [], usage } }),
    )
    let pings = 0
    const timer = setInterval(() => {
      pings += 1
      response.write(lines('ping', {}))
      if (pings < 15) return
      clearInterval(timer)
      response.write(
        lines('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }),
      )
      response.end(lines('message_stop', {}))
    }, 100)
    t.after(() => clearInterval(timer))
  })
  let signs = 0
  const onProgress = () => {
    signs += 1
  }
  const { stop, usage } = await askAt(url, { firstEventMs: 20_000, idleMs: 1_000 })(
    'anthropic-messages',
    HELLO,
    { onProgress },
  )
  assert.equal(stop, 'end')
  assert.equal(usage.outputTokens, 2)
  assert.ok(signs >= 15)
})
