import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toMessagesRequest } from '../../../../src/activities/models/wires/anthropic-messages/request.ts'
import type { Message } from '../../../../src/contracts/runs/message.ts'
import { DIALECTS } from '../../../../src/policies/models/dialects.ts'
import { answered, streamOf } from '../support/answering.ts'
import { HELLO, MODELS, requestOn } from '../support/ask.ts'

const WIRE = 'anthropic-messages'
const SEARCH = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'snow' } }
const FOUND = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [{ url: 'https://x.y' }] }
const SAID = { type: 'text', text: 'Let me look.' }

/** An answer of which the provider's own tool is a part, and which pauses after the tool's result. */
const PAUSED = [
  { type: 'message_start', message: { usage: { input_tokens: 9 }, content: [] } },
  { type: 'content_block_start', index: 0, content_block: SAID },
  { type: 'content_block_start', index: 1, content_block: { ...SEARCH, input: {} } },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"query":' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '"snow"}' } },
  { type: 'content_block_start', index: 2, content_block: FOUND },
  { type: 'message_delta', delta: { stop_reason: 'pause_turn' }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
]

function messagesAfter(transcript: readonly Message[]) {
  return toMessagesRequest(requestOn(WIRE, transcript), { ...DIALECTS[WIRE].standard, cacheControl: 'none' })
    .messages
}

async function pausedMessage(): Promise<Message> {
  const { message } = await answered(WIRE, streamOf(PAUSED))
  const { provider, model } = MODELS[WIRE]
  return { ...message, madeBy: { provider, model } }
}

test('a paused answer goes back as it is, at the end of the next request', async () => {
  assert.deepEqual(messagesAfter([...HELLO, await pausedMessage()]).slice(1), [
    { role: 'assistant', content: [SAID, SEARCH, FOUND] },
  ])
})

test('what the model goes on with stands in the same turn', async () => {
  const rest: Message = {
    role: 'assistant',
    text: 'It snows.',
    toolCalls: [],
    wire: 'none',
    wireItems: [],
  }
  const [, turn, next] = messagesAfter([
    ...HELLO,
    await pausedMessage(),
    rest,
    { role: 'user', text: 'Thanks.' },
  ])
  assert.deepEqual(turn?.content, [SAID, SEARCH, FOUND, { type: 'text', text: 'It snows.' }])
  assert.equal(next?.role, 'user')
})

test('another model is asked to go on, since it can’t go on with a turn that is not its own', async () => {
  const paused = { ...(await pausedMessage()), madeBy: { provider: 'anthropic', model: 'another' } }
  assert.deepEqual(messagesAfter([...HELLO, paused as Message]).slice(1), [
    { role: 'assistant', content: [SAID] },
    { role: 'user', content: [{ type: 'text', text: 'Please go on.' }] },
  ])
})
