import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import { answered, streamOf } from '../support/answering.ts'
import { MODELS } from '../support/ask.ts'
import { assertSound } from '../support/assert-sound.ts'
import { call, chat, messages, responses } from '../support/provider-events.ts'

const TEXT = 'The answer.'
const SAID = [messages.start(), ...messages.text(TEXT)]

/** [wire, what is missing or new, events]: each is an answer that says TEXT. */
const TABLE: readonly (readonly [Wire, string, readonly (object | string)[]])[] = [
  ['openai-responses', 'no output', [...responses.item(responses.message(TEXT), 0), responses.end()]],
  ['openai-responses', 'output: null', [responses.text(TEXT), responses.end({ output: null })]],
  ['openai-responses', 'text in deltas alone', [responses.text(TEXT), responses.end({ output: [] })]],
  [
    'openai-responses',
    'reasoning alone in the last event',
    [...responses.item(responses.message(TEXT), 1), responses.end({ output: [responses.reasoning] })],
  ],
  [
    'openai-responses',
    'text whole, without deltas',
    [{ type: 'response.output_text.done', text: TEXT }, responses.end({ output: [] })],
  ],
  [
    'openai-responses',
    'no response in the last event',
    [responses.text(TEXT), { type: 'response.completed' }],
  ],
  [
    'openai-responses',
    'no model and no usage',
    [responses.end({ model: undefined, output: [responses.message(TEXT)] })],
  ],
  [
    'openai-responses',
    'a part of another type',
    [responses.end({ output: [{ type: 'message', content: [{ type: 'text', text: TEXT }] }] })],
  ],
  [
    'openai-responses',
    'null among parts and items',
    [
      responses.end({
        output: [
          null,
          { type: 'message', content: null },
          { type: 'message', content: [null, { type: 'output_text', text: TEXT }] },
        ],
      }),
    ],
  ],
  [
    'openai-responses',
    'unknown events and items',
    [
      { type: 'response.brand_new.delta', delta: { a: 1 } },
      responses.end({ output: [{ type: 'brand_new' }, responses.message(TEXT)] }),
    ],
  ],
  [
    'openai-chat',
    'nothing but a choice',
    [{ choices: [{ delta: { content: TEXT }, finish_reason: 'stop' }] }],
  ],
  [
    'openai-chat',
    'nulls',
    [
      { model: null, choices: null, usage: null },
      { choices: [{ delta: null }] },
      { choices: [{ delta: { content: TEXT, tool_calls: null, refusal: null }, finish_reason: 'stop' }] },
    ],
  ],
  [
    'openai-chat',
    'content as a list of parts',
    [
      chat.chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }] }),
      chat.chunk({ content: [{ type: 'text', text: 'The ' }, null, 7] }),
      chat.chunk({ content: 'answer.' }, 'stop'),
    ],
  ],
  [
    'openai-chat',
    'a message in the place of a delta',
    [{ choices: [{ message: { content: TEXT }, finish_reason: 'stop' }] }],
  ],
  [
    'anthropic-messages',
    'no usage at the start',
    [messages.start({ usage: undefined }), ...SAID.slice(1), ...messages.end('end_turn')],
  ],
  ['anthropic-messages', 'no usage at the end', [...SAID, ...messages.end('end_turn', {})]],
  [
    'anthropic-messages',
    'no model',
    [messages.start({ model: undefined }), ...SAID.slice(1), ...messages.end('end_turn')],
  ],
  ['anthropic-messages', 'no start', [...SAID.slice(1), ...messages.end('end_turn')]],
  ['anthropic-messages', 'no message_stop', [...SAID, ...messages.end('end_turn').slice(0, 1)]],
  [
    'anthropic-messages',
    'a text block without text',
    [
      messages.start(),
      messages.block({ type: 'text' }, 0),
      messages.delta({ type: 'text_delta', text: TEXT }, 0),
      ...messages.end('end_turn'),
    ],
  ],
  [
    'anthropic-messages',
    'no start of the block',
    [messages.start(), messages.delta({ type: 'text_delta', text: TEXT }, 0), ...messages.end('end_turn')],
  ],
  [
    'anthropic-messages',
    'a second delta without a stop reason',
    [
      ...SAID,
      ...messages.end('end_turn').slice(0, 1),
      { type: 'message_delta', delta: {}, usage: { output_tokens: 9 } },
      { type: 'message_stop' },
    ],
  ],
  [
    'anthropic-messages',
    'unknown deltas, blocks and events',
    [
      messages.start(),
      { type: 'brand_new' },
      messages.block({ type: 'brand_new_block' }, 0),
      messages.delta({ type: 'brand_new_delta' }, 0),
      messages.block({ type: 'text', text: '' }, 1),
      messages.delta({ type: 'brand_new_delta', text: 'no' }, 1),
      messages.delta({ type: 'text_delta', text: TEXT }, 1),
      ...messages.end('end_turn'),
    ],
  ],
  [
    'anthropic-messages',
    'events that are no objects',
    ['data: 7\n\n', 'data: null\n\n', 'data: "x"\n\n', ...SAID, ...messages.end('end_turn')],
  ],
]

for (const [wire, what, events] of TABLE) {
  test(`${wire}: ${what}`, async () => {
    let streamed = ''
    const answer = await answered(wire, streamOf(events), (delta) => {
      streamed += delta
    })
    assertSound(answer)
    assert.equal(answer.message.text, TEXT)
    assert.equal(answer.stop, 'end')
    assert.ok([TEXT, ''].includes(streamed), streamed)
    assert.ok(['m', MODELS[wire].model].includes(answer.servedBy))
  })
}

test('anthropic-messages: the name of an event stands in for a missing type, and the other way round', async () => {
  const named = [...SAID, ...messages.end('end_turn')].map((event) => {
    const { type, ...data } = event as { type: string }
    return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
  })
  assert.equal((await answered('anthropic-messages', streamOf(named))).message.text, TEXT)
})

test('anthropic-messages: a tool_use block without input is a call without arguments', async () => {
  const { message } = await answered(
    'anthropic-messages',
    streamOf([
      messages.start(),
      messages.block({ type: 'tool_use', id: 'x', name: 'one' }, 0),
      ...messages.end('tool_use'),
    ]),
  )
  assert.deepEqual(message.toolCalls, [{ callId: 'x', tool: 'one', arguments: {} }])
})

test('anthropic-messages: blank text beside a call does not go back', async () => {
  const { message } = await answered(
    'anthropic-messages',
    streamOf([
      messages.start(),
      ...messages.text('\n\n'),
      messages.block({ type: 'tool_use', id: 'x', name: 'one' }, 1),
      ...messages.end('tool_use'),
    ]),
  )
  assert.deepEqual(message.wireItems, [{ type: 'tool_use', id: 'x', name: 'one', input: {} }])
})

test('openai-chat: fields of a server’s own go back with the call and the message', async () => {
  const extra_content = { google: { thought_signature: 'SIG' } }
  const { message } = await answered(
    'openai-chat',
    streamOf([
      chat.chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'A' }] }),
      chat.chunk({ tool_calls: [{ ...call({ index: 0, id: 'x' }, 'one', '{}'), extra_content }] }),
      chat.chunk({}, 'tool_calls'),
    ]),
  )
  assert.deepEqual(message.wireItems, [
    {
      role: 'assistant',
      content: null,
      reasoning_details: [{ type: 'reasoning.encrypted', data: 'A' }],
      tool_calls: [{ id: 'x', type: 'function', function: { name: 'one', arguments: '{}' }, extra_content }],
    },
  ])
})

test('a text with NUL or half of a surrogate pair is kept with characters that can be, everywhere', async () => {
  const answer = await answered(
    'openai-responses',
    streamOf([
      responses.end({ model: 'm\u0000', output: [responses.reasoning, responses.message('a\u0000b\ud83d')] }),
    ]),
  )
  assertSound(answer)
  assert.equal(answer.message.text, 'a\uFFFDb\uFFFD')
  assert.equal(answer.servedBy, 'm\uFFFD')
})

test('a character that two pieces share is whole in the answer', async () => {
  const events = [chat.chunk({ content: 'a\ud83d' }), chat.chunk({ content: '\ude00' }, 'stop')]
  assert.equal((await answered('openai-chat', streamOf(events))).message.text, 'a😀')
})

test('a model’s name of 3 MB is cut; a blank one is that of the model that was asked', async () => {
  const servedBy = async (model: unknown) =>
    (await answered('openai-chat', streamOf([chat.chunk({ content: TEXT }, 'stop', { model })]))).servedBy
  assert.equal((await servedBy('m'.repeat(3_000_000))).length, 128)
  for (const model of ['', '  ', 7, null]) assert.equal(await servedBy(model), 'gpt-5.5')
})

test('items that are nested too deep are left out, and the words go back alone', async () => {
  const nested = JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`) as object
  const { message } = await answered(
    'openai-responses',
    streamOf([responses.end({ output: [{ type: 'reasoning', nested }, responses.message(TEXT)] })]),
  )
  assert.deepEqual(message, { role: 'assistant', text: TEXT, toolCalls: [], wire: 'none', wireItems: [] })
})
