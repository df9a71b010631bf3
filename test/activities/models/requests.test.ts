import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toMessagesRequest } from '../../../src/activities/models/anthropic-messages/request.ts'
import { toChatRequest } from '../../../src/activities/models/openai-chat/request.ts'
import { toResponsesRequest } from '../../../src/activities/models/openai-responses/request.ts'
import type { Message } from '../../../src/contracts/message.ts'
import { HELLO, LOOK_UP, requestOn } from './ask.ts'

const TURN: readonly Message[] = [
  ...HELLO,
  {
    role: 'assistant',
    text: '',
    toolCalls: [
      { callId: 'functions.look_up:0', tool: 'look_up', arguments: { id: '1' } },
      { callId: 'functions.look_up:1', tool: 'look_up', arguments: {} },
    ],
    wire: 'none',
    wireItems: [],
  },
  { role: 'tool', callId: 'functions.look_up:0', tool: 'look_up', content: '{"a":1}', isError: false },
  { role: 'tool', callId: 'functions.look_up:1', tool: 'look_up', content: 'Not found.', isError: true },
  { role: 'user', text: 'And hurry.' },
]

test('openai-responses keeps nothing at OpenAI and asks for sealed reasoning', () => {
  assert.deepEqual(toResponsesRequest(requestOn('openai-responses', HELLO)), {
    model: 'gpt-5.5',
    instructions: 'You help.',
    input: [{ role: 'user', content: 'Where is my order?' }],
    max_output_tokens: 4_096,
    stream: true,
    store: false,
    include: ['reasoning.encrypted_content'],
    prompt_cache_key: 'support@1',
    tools: [
      {
        type: 'function',
        name: 'look_up',
        description: 'Looks something up.',
        parameters: LOOK_UP.inputSchema,
        strict: false,
      },
    ],
  })
})

test('openai-responses spells neutral calls and results as items', () => {
  assert.deepEqual(toResponsesRequest(requestOn('openai-responses', TURN)).input, [
    { role: 'user', content: 'Where is my order?' },
    { type: 'function_call', call_id: 'functions.look_up:0', name: 'look_up', arguments: '{"id":"1"}' },
    { type: 'function_call', call_id: 'functions.look_up:1', name: 'look_up', arguments: '{}' },
    { type: 'function_call_output', call_id: 'functions.look_up:0', output: '{"a":1}' },
    { type: 'function_call_output', call_id: 'functions.look_up:1', output: 'Error: Not found.' },
    { role: 'user', content: 'And hurry.' },
  ])
})

test('openai-chat speaks to OpenAI with its own parameters, and to others with those that all of them know', () => {
  const request = requestOn('openai-chat', HELLO)
  const shared = {
    model: 'gpt-5.5',
    messages: [
      { role: 'system', content: 'You help.' },
      { role: 'user', content: 'Where is my order?' },
    ],
    stream: true,
    stream_options: { include_usage: true },
    tools: [
      {
        type: 'function',
        function: { name: 'look_up', description: 'Looks something up.', parameters: LOOK_UP.inputSchema },
      },
    ],
  }
  assert.deepEqual(toChatRequest(request, 'compatible'), { ...shared, max_tokens: 4_096 })
  assert.deepEqual(toChatRequest(request, 'openai'), {
    ...shared,
    max_completion_tokens: 4_096,
    store: false,
    prompt_cache_key: 'support@1',
  })
})

test('openai-chat gives all calls of a turn in one message', () => {
  assert.deepEqual(toChatRequest(requestOn('openai-chat', TURN), 'compatible').messages[2], {
    role: 'assistant',
    content: null,
    tool_calls: [
      { id: 'functions.look_up:0', type: 'function', function: { name: 'look_up', arguments: '{"id":"1"}' } },
      { id: 'functions.look_up:1', type: 'function', function: { name: 'look_up', arguments: '{}' } },
    ],
  })
})

test('anthropic-messages gives all results of a turn in one message, a word of the caller after them', () => {
  const { messages } = toMessagesRequest(requestOn('anthropic-messages', TURN))
  assert.deepEqual(messages, [
    { role: 'user', content: [{ type: 'text', text: 'Where is my order?' }] },
    {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'functions_look_up_0', name: 'look_up', input: { id: '1' } },
        { type: 'tool_use', id: 'functions_look_up_1', name: 'look_up', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'functions_look_up_0', content: '{"a":1}' },
        { type: 'tool_result', tool_use_id: 'functions_look_up_1', content: 'Not found.', is_error: true },
        { type: 'text', text: 'And hurry.' },
      ],
    },
  ])
})

test('anthropic-messages caches everything up to the last block', () => {
  const request = toMessagesRequest(requestOn('anthropic-messages', HELLO))
  assert.deepEqual(request.cache_control, { type: 'ephemeral' })
  assert.equal(request.max_tokens, 4_096)
})

test('building a request leaves the stored messages as they are', () => {
  const items = [{ type: 'text', text: 'Hi.' }]
  const said: Message = {
    role: 'assistant',
    text: 'Hi.',
    toolCalls: [],
    wire: 'anthropic-messages',
    wireItems: items,
  }
  toMessagesRequest(requestOn('anthropic-messages', [...HELLO, said, said]))
  assert.equal(items.length, 1)
})

test('no wire names a temperature, and none names tools where there are none', () => {
  for (const build of [
    toResponsesRequest,
    toMessagesRequest,
    (request: Parameters<typeof toChatRequest>[0]) => toChatRequest(request, 'openai'),
  ]) {
    const body = build({ ...requestOn('openai-responses', HELLO), tools: [] })
    assert.ok(!('temperature' in body) && !('top_p' in body) && !('tools' in body))
  }
})
