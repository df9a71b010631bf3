import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import type { AssistantMessage, Message } from '../../../../src/contracts/runs/message.ts'
import { askAt, HELLO, MODELS, startAsking, WIRES } from '../support/ask.ts'
import { startRawServer } from '../support/raw-server.ts'
import { type Fields, REFUSALS } from './strict-servers.ts'

const call = (callId: string, tool = 'look_up') => ({ callId, tool, arguments: {} })
const result = (callId: string, tool = 'look_up'): Message => ({
  role: 'tool',
  callId,
  tool,
  content: '{}',
  isError: false,
})

/** A chat server that answers everything with these chunks, and remembers the bodies that it was sent. */
async function chatServer(t: Pick<TestContext, 'after'>, deltas: readonly object[]) {
  const bodies: Fields[] = []
  const url = await startRawServer(t, async (request, response) => {
    bodies.push(JSON.parse((await request.setEncoding('utf8').toArray()).join('')))
    const chunks = deltas.map((delta) => ({
      id: 'c',
      model: 'm',
      choices: [{ index: 0, delta, finish_reason: null }],
    }))
    const end = { id: 'c', model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end([...chunks, end].map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''))
  })
  return { bodies, ask: askAt(url) }
}

function messagesOf(body: unknown): readonly Fields[] {
  return (body as { readonly messages: readonly Fields[] }).messages
}

/** What the second request of a conversation says the model has said in the first. */
async function sentBack(t: Pick<TestContext, 'after'>, deltas: readonly object[]): Promise<Fields> {
  const { ask, bodies } = await chatServer(t, deltas)
  const { message } = await ask('openai-chat')
  await ask('openai-chat', [...HELLO, message, ...message.toolCalls.map(({ callId }) => result(callId))])
  return messagesOf(bodies[1])[2] ?? {}
}

test('a thought signature of Gemini goes back on the call that it came with', async (t) => {
  const extra_content = { google: { thought_signature: 'SIG' } }
  const { tool_calls } = await sentBack(t, [
    {
      tool_calls: [
        {
          index: 0,
          id: 'a',
          type: 'function',
          extra_content,
          function: { name: 'look_up', arguments: '{}' },
        },
        { index: 1, id: 'b', type: 'function', function: { name: 'look_up', arguments: '{}' } },
      ],
    },
  ])
  assert.deepEqual(tool_calls, [
    { extra_content, id: 'a', type: 'function', function: { name: 'look_up', arguments: '{}' } },
    { id: 'b', type: 'function', function: { name: 'look_up', arguments: '{}' } },
  ])
})

test('reasoning of OpenRouter goes back whole, its pieces put together and its signature on it', async (t) => {
  const piece = (part: object) => ({ reasoning_details: [{ type: 'reasoning.text', index: 0, ...part }] })
  const { reasoning_details } = await sentBack(t, [
    piece({ text: 'Two ', format: 'x' }),
    piece({ text: 'look-ups.' }),
    piece({ signature: 'SIG' }),
    { reasoning_details: [{ type: 'reasoning.encrypted', index: 1, data: 'gAAA' }] },
    { content: 'Hi.' },
  ])
  assert.deepEqual(reasoning_details, [
    { type: 'reasoning.text', index: 0, text: 'Two look-ups.', format: 'x', signature: 'SIG' },
    { type: 'reasoning.encrypted', index: 1, data: 'gAAA' },
  ])
})

test('a field that this wire does not know goes back as it came', async (t) => {
  const extra_content = { google: { thought_signature: 'SIG' } }
  const message = await sentBack(t, [{ content: 'Hi.', extra_content }, { reasoning_opaque: 'xyz' }])
  assert.deepEqual(message, { role: 'assistant', content: 'Hi.', extra_content, reasoning_opaque: 'xyz' })
})

test('another model on the same wire sees none of it', async (t) => {
  const { ask, bodies } = await chatServer(t, [{ content: 'Hi.', reasoning_details: [{ data: 'gAAA' }] }])
  const { message } = await ask('openai-chat')
  await ask('openai-chat', [...HELLO, { ...message, madeBy: { provider: 'openai', model: 'another' } }])
  assert.ok(JSON.stringify(message.wireItems).includes('gAAA'))
  assert.ok(!JSON.stringify(bodies[1]).includes('gAAA'))
  await ask('openai-chat', [
    ...HELLO,
    { ...message, madeBy: { provider: 'openai', model: 'gpt-5.5-2026-04-23' } },
  ])
  assert.ok(JSON.stringify(bodies[2]).includes('gAAA'), 'a dated issue is the same model')
})

/** What each wire is sent for a transcript; the scripted provider and the strict one have taken it. */
async function sent(
  t: Pick<TestContext, 'after'>,
  messages: readonly Message[],
): Promise<Record<Wire, Fields>> {
  const { ask, provider } = await startAsking(t, { text: 'Done.' })
  for (const wire of WIRES) await ask(wire, messages)
  const entries = provider.requests.map(({ wire, body }) => {
    REFUSALS[wire](body as object)
    return [wire, body as Fields] as const
  })
  return Object.fromEntries(entries) as Record<Wire, Fields>
}

function neutral(text: string, toolCalls: AssistantMessage['toolCalls'] = []): AssistantMessage {
  return { role: 'assistant', text, toolCalls, wire: 'none', wireItems: [] }
}

test('a tool that a model made up is sent under a name that fits, and never under that of one that there is', async (t) => {
  const bodies = await sent(t, [
    ...HELLO,
    neutral('', [
      call('1', 'browser.tabs.open'),
      call('2', 'look.up'),
      call('3', 'look_up<|channel|>commentary'),
    ]),
    ...['1', '2', '3'].map((id) => result(id)),
  ])
  for (const body of Object.values(bodies)) {
    const text = JSON.stringify(body)
    for (const name of ['browser_tabs_open', 'look_up_2', 'look_up__channel__commentary'])
      assert.ok(text.includes(`"${name}"`), `${name} in ${text}`)
  }
})

test('one id in two turns, and one of over 64 characters, are told apart and cut', async (t) => {
  const long = 'x'.repeat(69)
  const bodies = await sent(t, [
    ...HELLO,
    neutral('', [call('functions.look_up:0'), call(long)]),
    result('functions.look_up:0'),
    result(long),
    neutral('', [call('functions.look_up:0'), call(`${long}y`)]),
    result('functions.look_up:0'),
    result(`${long}y`),
  ])
  for (const body of Object.values(bodies)) assert.ok(!JSON.stringify(body).includes(long))
})

test('blank text beside a call of Claude’s is left out, and its thinking stays', async (t) => {
  const { ask, provider } = await startAsking(t, { text: 'Done.' })
  const thinking = { type: 'thinking', thinking: 'Hm', signature: 'SIG' }
  const use = { type: 'tool_use', id: 'toolu_1', name: 'look_up', input: {} }
  const { provider: company, model } = MODELS['anthropic-messages']
  await ask('anthropic-messages', [
    ...HELLO,
    {
      ...neutral('\n\n', [call('toolu_1')]),
      wire: 'anthropic-messages',
      wireItems: [thinking, { type: 'text', text: '\n\n' }, use],
      madeBy: { provider: company, model },
    },
    result('toolu_1'),
  ])
  assert.deepEqual(messagesOf(provider.requests[0]?.body)[1]?.['content'], [thinking, use])
})

test('a degraded answer at the end, a call without a result and a result without a call are taken', async (t) => {
  const bodies = await sent(t, [
    ...HELLO,
    neutral('', [call('1'), call('2')]),
    { role: 'user', text: 'Are you there?' },
    result('2'),
    result('9'),
    neutral('No model answers at the moment.'),
  ])
  assert.deepEqual(bodies['openai-responses']['input'], [
    { role: 'user', content: 'Where is my order?' },
    { type: 'function_call', call_id: '1', name: 'look_up', arguments: '{}' },
    { type: 'function_call', call_id: '2', name: 'look_up', arguments: '{}' },
    {
      type: 'function_call_output',
      call_id: '1',
      output: 'Error: {"error":"no_result","message":"No result of this call is on record."}',
    },
    { type: 'function_call_output', call_id: '2', output: '{}' },
    { role: 'user', content: 'Are you there?' },
    { role: 'assistant', content: 'No model answers at the moment.' },
    { role: 'user', content: 'Please go on.' },
  ])
})
