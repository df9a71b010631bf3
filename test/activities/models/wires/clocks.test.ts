import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import { askAt, HELLO, startAsking, WIRES } from '../support/ask.ts'
import { startRawServer } from '../support/raw-server.ts'

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
    const { message } = await askAt(url, { firstEventMs: 20_000, idleMs: 100, usageMs: 100, closeMs: 100 })(
      wire,
    )
    assert.equal(message.text, 'All of it.')
  })
}

const stream = { 'content-type': 'text/event-stream' }
const ANSWERS: Readonly<Record<Wire, string>> = {
  'openai-chat': 'data: {"choices":[{"delta":{"content":"Hi."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
  'openai-responses':
    'data: {"type":"response.output_text.delta","delta":"Hi."}\n\ndata: {"type":"response.completed","response":{}}\n\n',
  'anthropic-messages':
    'data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi."}}\n\n' +
    'data: {"type":"message_delta","delta":{"stop_reason":"end_turn"}}\n\ndata: {"type":"message_stop"}\n\n',
}

/** Sends a piece again and again until the client goes away; `then` after some of them. */
async function repeating(t: TestContext, piece: string, first: string, then: string): Promise<string> {
  return startRawServer(t, (_, response) => {
    response.writeHead(200, stream)
    response.write(first)
    let sent = 0
    const timer = setInterval(() => {
      sent += 1
      response.write(sent === 15 ? then : piece)
    }, 100)
    response.on('close', () => clearInterval(timer))
  })
}

for (const wire of WIRES) {
  for (const [what, piece] of [
    ['comments', ': keepalive\n\n'],
    ['pings', 'event: ping\ndata: {"type":"ping"}\n\n'],
  ] as const) {
    test(`${wire}: ${what} keep a call alive before the first event and after it`, async (t) => {
      const url = await repeating(t, piece, '', ANSWERS[wire])
      let signs = 0
      const onProgress = () => {
        signs += 1
      }
      const ask = askAt(url, { firstEventMs: 1_000, idleMs: 1_000, closeMs: 50 })
      const { message } = await ask(wire, HELLO, { onProgress })
      assert.equal(message.text, 'Hi.')
      assert.ok(signs >= 15, `${signs} signs of life`)
    })
  }

  test(`${wire}: an answer that has ended is given at once, whatever its connection goes on with`, async (t) => {
    const url = await repeating(t, 'event: ping\ndata: {"type":"ping"}\n\n', ANSWERS[wire], '')
    // Only the short clock may end it in time.
    const startedAt = performance.now()
    const { message } = await askAt(url, { closeMs: 50 })(wire)
    assert.equal(message.text, 'Hi.')
    assert.ok(performance.now() - startedAt < 10_000)
  })
}

test('openai-chat: the account of the tokens is waited for as long as the table says, and not longer', async (t) => {
  const said = ANSWERS['openai-chat'].replace('data: [DONE]\n\n', '')
  const usage = 'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}\n\n'
  const late = await repeating(t, ': keepalive\n\n', said, usage)
  const clocks = { usageMs: 10_000, closeMs: 50 }
  assert.equal((await askAt(late, clocks)('openai-chat')).usage.inputTokens, 7)
  const never = await repeating(t, ': keepalive\n\n', said, ': keepalive\n\n')
  const { message, usage: unknown } = await askAt(never, { usageMs: 200 })('openai-chat')
  assert.equal(message.text, 'Hi.')
  assert.equal(unknown.inputTokens, 0)
})
