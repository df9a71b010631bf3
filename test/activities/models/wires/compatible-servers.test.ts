import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askAt, HELLO } from '../support/ask.ts'
import { startRawServer } from '../support/raw-server.ts'

/** A server that sends these events, whatever it is asked. */
async function serving(t: { after(fn: () => void): void }, events: readonly object[]) {
  return askAt(
    await startRawServer(t, (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''))
    }),
  )
}

const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: 'c',
  model: 'llama',
  choices: [{ index: 0, delta, finish_reason }],
})
const whole = (id: string, name: string) => ({
  index: 0,
  id,
  type: 'function',
  function: { name, arguments: '{"a":1}' },
})

test('openai-chat: calls that are sent whole, all with the index 0, stay apart', async (t) => {
  const ask = await serving(t, [
    chunk({ tool_calls: [whole('call_1', 'one')] }),
    chunk({ tool_calls: [whole('call_2', 'two')] }),
    chunk({}, 'tool_calls'),
  ])
  const { message } = await ask('openai-chat')
  assert.deepEqual(message.toolCalls, [
    { callId: 'call_1', tool: 'one', arguments: { a: 1 } },
    { callId: 'call_2', tool: 'two', arguments: { a: 1 } },
  ])
})

test('openai-chat: calls with a finish reason of "stop" are calls all the same', async (t) => {
  const ask = await serving(t, [chunk({ tool_calls: [whole('call_1', 'one')] }), chunk({}, 'stop')])
  assert.equal((await ask('openai-chat')).stop, 'tool_calls')
})

test('openai-chat: neither a usage nor a [DONE] is needed, and thinking that is shown goes back', async (t) => {
  const ask = await serving(t, [
    chunk({ role: 'assistant', reasoning_content: 'Hm' }),
    chunk({ reasoning_content: 'm.' }),
    chunk({ content: 'Hi.' }),
    chunk({}, 'stop'),
  ])
  const { message, usage, servedBy } = await ask('openai-chat')
  assert.deepEqual(message.wireItems, [{ role: 'assistant', content: 'Hi.', reasoning_content: 'Hmm.' }])
  assert.equal(usage.inputTokens, 0)
  assert.equal(servedBy, 'llama')
})

test('openai-chat: an HTTP status in place of an error code inside the stream is read as one', async (t) => {
  const ask = await serving(t, [chunk({ content: 'Hi' }), { error: { code: 429, message: 'slow down' } }])
  await assert.rejects(ask('openai-chat'), { code: 'model_rate_limited' })
})

test('openai-responses: an output that is left out at the end is taken from the stream, its messages told apart', async (t) => {
  const message = (id: string, text: string) => ({
    id,
    type: 'message',
    role: 'assistant',
    status: 'completed',
    content: [{ type: 'output_text', text, annotations: [] }],
  })
  const items = [message('m1', 'A remark.'), message('m2', 'The result.')]
  const ask = await serving(t, [
    ...items.flatMap((item, output_index) => [
      { type: 'response.output_item.added', output_index, item: { ...item, content: [] } },
      { type: 'response.output_text.delta', output_index, delta: item.content[0]?.text },
      { type: 'response.output_item.done', output_index, item },
    ]),
    { type: 'response.completed', response: { model: 'm', status: 'completed', output: [] } },
  ])
  let streamed = ''
  const onProgress = (delta: string) => {
    streamed += delta
  }
  const answer = await ask('openai-responses', HELLO, { onProgress })
  assert.equal(answer.message.text, 'A remark.\n\nThe result.')
  assert.equal(streamed, answer.message.text)
  assert.deepEqual(answer.message.wireItems, items)
})
