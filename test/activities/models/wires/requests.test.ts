import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolveDialect } from '../../../../src/activities/models/dialects/resolve-dialect.ts'
import { toMessagesRequest } from '../../../../src/activities/models/wires/anthropic-messages/request.ts'
import { toChatRequest } from '../../../../src/activities/models/wires/openai-chat/request.ts'
import { toResponsesRequest } from '../../../../src/activities/models/wires/openai-responses/request.ts'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import type { Message } from '../../../../src/contracts/runs/message.ts'
import type { Dialect } from '../../../../src/policies/models/dialects.ts'
import { HELLO, LOOK_UP, MODELS, requestOn } from '../support/ask.ts'

const dialectAt = (wire: Wire, url: string): Dialect => resolveDialect(MODELS[wire], url, [])
const RESPONSES = dialectAt('openai-responses', 'https://api.openai.com/v1')
const OPENAI = dialectAt('openai-chat', 'https://eu.api.openai.com/v1')
const COMPATIBLE = dialectAt('openai-chat', 'http://127.0.0.1:8000/v1')
const MESSAGES = dialectAt('anthropic-messages', 'https://api.anthropic.com')

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
  assert.deepEqual(toResponsesRequest(requestOn('openai-responses', HELLO), RESPONSES), {
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
  assert.deepEqual(toResponsesRequest(requestOn('openai-responses', TURN), RESPONSES).input, [
    { role: 'user', content: 'Where is my order?' },
    { type: 'function_call', call_id: 'functions_look_up_0', name: 'look_up', arguments: '{"id":"1"}' },
    { type: 'function_call', call_id: 'functions_look_up_1', name: 'look_up', arguments: '{}' },
    { type: 'function_call_output', call_id: 'functions_look_up_0', output: '{"a":1}' },
    { type: 'function_call_output', call_id: 'functions_look_up_1', output: 'Error: Not found.' },
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
  assert.deepEqual(toChatRequest(request, COMPATIBLE), { ...shared, max_tokens: 4_096 })
  assert.deepEqual(toChatRequest(request, OPENAI), {
    ...shared,
    max_completion_tokens: 4_096,
    store: false,
    prompt_cache_key: 'support@1',
  })
})

test('openai-chat gives all calls of a turn in one message', () => {
  assert.deepEqual(toChatRequest(requestOn('openai-chat', TURN), COMPATIBLE).messages[2], {
    role: 'assistant',
    content: null,
    tool_calls: [
      { id: 'functions.look_up:0', type: 'function', function: { name: 'look_up', arguments: '{"id":"1"}' } },
      { id: 'functions.look_up:1', type: 'function', function: { name: 'look_up', arguments: '{}' } },
    ],
  })
})

test('anthropic-messages gives all results of a turn in one message, a word of the caller after them', () => {
  const { messages } = toMessagesRequest(requestOn('anthropic-messages', TURN), {
    ...MESSAGES,
    cacheControl: 'none',
  })
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

test('anthropic-messages caches instructions and tools, what the last request had, and the end', () => {
  const isMarked = (block: object) => 'cache_control' in block
  for (const [cacheControl, isAutomatic] of [
    ['request', true],
    ['blocks', false],
  ] as const) {
    const request = toMessagesRequest(requestOn('anthropic-messages', TURN), { ...MESSAGES, cacheControl })
    assert.deepEqual(request.system, [
      { type: 'text', text: 'You help.', cache_control: { type: 'ephemeral' } },
    ])
    const marks = request.messages.map(({ content }) =>
      typeof content === 'string' ? [] : content.map(isMarked),
    )
    assert.deepEqual(marks, [[true], [false, false], [false, false, !isAutomatic]])
    assert.equal(isMarked(request), isAutomatic)
  }
  const first = toMessagesRequest(requestOn('anthropic-messages', HELLO), MESSAGES)
  assert.deepEqual(first.messages, [
    { role: 'user', content: [{ type: 'text', text: 'Where is my order?' }] },
  ])
  assert.equal(first.max_tokens, 4_096)
})

test('anthropic-messages names tools that the history has used where none is offered, and lets none be used', () => {
  const request = { ...requestOn('anthropic-messages', TURN), tools: [] }
  const { tools, tool_choice } = toMessagesRequest(request, MESSAGES)
  assert.deepEqual(tools, [{ name: 'look_up', input_schema: { type: 'object' } }])
  assert.deepEqual(tool_choice, { type: 'none' })
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
  toMessagesRequest(requestOn('anthropic-messages', [...HELLO, said, said]), MESSAGES)
  assert.equal(items.length, 1)
})

test('no wire names a temperature, and none names tools where there are none', () => {
  for (const build of [toResponsesRequest, toMessagesRequest, toChatRequest]) {
    const body = build({ ...requestOn('openai-responses', HELLO), tools: [] }, OPENAI)
    assert.ok(!('temperature' in body) && !('top_p' in body) && !('tools' in body))
  }
})
