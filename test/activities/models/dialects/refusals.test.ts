import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import type { AssistantMessage, Message } from '../../../../src/contracts/runs/message.ts'
import type { DialectOverride } from '../../../../src/policies/models/dialects.ts'
import type { ScriptedStatus } from '../../../../src/testing/script.ts'
import { HELLO, startAsking, WIRES } from '../support/ask.ts'

type Body = Readonly<Record<string, unknown>>
type Refuse = (body: Body, text: string) => ScriptedStatus | false

const openai = (status: number, message: string, more: object = {}): ScriptedStatus => ({
  status,
  body: { error: { message, type: 'invalid_request_error', ...more } },
})
const anthropic = (message: string): ScriptedStatus => ({
  status: 400,
  body: { type: 'error', error: { type: 'invalid_request_error', message } },
})
const mistral = (...loc: readonly unknown[]): ScriptedStatus => ({
  status: 422,
  body: {
    object: 'error',
    message: { detail: [{ type: 'extra_forbidden', msg: 'Extra inputs are not permitted', loc }] },
  },
})

/** An answer with something sealed for each wire, a call and its result. */
const TALK: { readonly [W in Wire]: readonly Message[] } = {
  'openai-responses': talk({
    wire: 'openai-responses',
    wireItems: [
      { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'SEALED' },
      { id: 'fc_1', type: 'function_call', call_id: 'call_1', name: 'look_up', arguments: '{}' },
    ],
  }),
  'openai-chat': talk({
    wire: 'openai-chat',
    wireItems: [
      {
        role: 'assistant',
        content: null,
        reasoning_content: 'SEALED',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{}' } }],
      },
    ],
  }),
  'anthropic-messages': talk({
    wire: 'anthropic-messages',
    wireItems: [
      { type: 'thinking', thinking: 'Hm', signature: 'SEALED' },
      { type: 'tool_use', id: 'call_1', name: 'look_up', input: {} },
    ],
  }),
}

function talk(made: Pick<AssistantMessage, 'wire' | 'wireItems'>): readonly Message[] {
  const call = { callId: 'call_1', tool: 'look_up', arguments: {} }
  return [
    ...HELLO,
    { role: 'assistant', text: '', toolCalls: [call], ...made },
    { role: 'tool', callId: 'call_1', tool: 'look_up', content: '{}', isError: false },
  ]
}

interface Case {
  readonly what: string
  readonly wire: Wire
  readonly refuse: Refuse
  readonly messages?: readonly Message[]
  /** Requests of the first call, and of the one after it. */
  readonly requests: readonly [number, number]
}

const PARAMETERS: readonly Case[] = [
  {
    what: 'Azure wants max_completion_tokens',
    wire: 'openai-chat',
    refuse: ({ max_tokens }) =>
      max_tokens !== undefined &&
      openai(
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        {
          code: 'unsupported_parameter',
          param: 'max_tokens',
        },
      ),
    requests: [2, 1],
  },
  {
    what: 'Mistral has no stream_options',
    wire: 'openai-chat',
    refuse: ({ stream_options }) => stream_options !== undefined && mistral('body', 'stream_options'),
    requests: [2, 1],
  },
  {
    what: 'two parameters, one after the other',
    wire: 'openai-chat',
    refuse: ({ stream_options, max_tokens }) => {
      if (stream_options !== undefined)
        return openai(400, 'Unrecognized request argument supplied: stream_options')
      return max_tokens !== undefined && openai(400, 'Unknown parameter: max_tokens')
    },
    requests: [3, 1],
  },
  {
    what: 'a compatible server knows neither include nor prompt_cache_key',
    wire: 'openai-responses',
    refuse: ({ include, prompt_cache_key }) =>
      (include !== undefined || prompt_cache_key !== undefined) &&
      openai(400, "Unknown parameters: 'include', 'prompt_cache_key'."),
    requests: [2, 1],
  },
  {
    what: 'tools without strict',
    wire: 'openai-responses',
    refuse: (_, text) => text.includes('"strict"') && openai(400, "Unknown parameter: 'tools[0].strict'."),
    requests: [2, 1],
  },
  {
    what: 'Bedrock takes cache_control on blocks alone',
    wire: 'anthropic-messages',
    refuse: ({ cache_control }) =>
      cache_control !== undefined && anthropic('cache_control: Extra inputs are not permitted'),
    requests: [2, 1],
  },
  {
    what: 'a proxy takes no cache_control at all',
    wire: 'anthropic-messages',
    refuse: (_, text) =>
      text.includes('cache_control') &&
      anthropic('messages.0.content.0.cache_control: Extra inputs are not permitted'),
    requests: [3, 1],
  },
]

const sealed: Refuse = (_, text) => text.includes('SEALED') && openai(400, 'x')

const HISTORY: readonly Case[] = [
  {
    what: 'sealed reasoning that can’t be verified',
    wire: 'openai-responses',
    refuse: (_, text) =>
      text.includes('SEALED') &&
      openai(400, 'The encrypted content gAAA... could not be verified.', {
        code: 'invalid_encrypted_content',
      }),
    requests: [2, 2],
  },
  {
    what: 'a reasoning item that is not there',
    wire: 'openai-responses',
    refuse: (_, text) =>
      text.includes('rs_1') &&
      openai(404, "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false."),
    requests: [2, 2],
  },
  {
    what: 'a signature of another key',
    wire: 'anthropic-messages',
    refuse: (_, text) =>
      text.includes('SEALED') && anthropic('messages.1.content.0: Invalid `signature` in `thinking` block'),
    requests: [2, 2],
  },
  {
    what: 'a field of the history that the server does not know',
    wire: 'openai-chat',
    refuse: (_, text) =>
      text.includes('reasoning_content') && mistral('body', 'messages', 2, 'reasoning_content'),
    requests: [2, 1],
  },
  {
    what: 'ids of nine letters and digits',
    wire: 'openai-chat',
    refuse: (_, text) =>
      text.includes('call_1') &&
      openai(400, 'Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9.'),
    requests: [2, 1],
  },
  {
    what: 'no user after a tool',
    wire: 'openai-chat',
    messages: [...TALK['openai-chat'], { role: 'user', text: 'And hurry.' }],
    refuse: (_, text) =>
      text.includes('"role":"tool","tool_call_id":"call_1","content":"{}"},{"role":"user"') &&
      openai(400, "Unexpected role 'user' after role 'tool'"),
    requests: [2, 1],
  },
  {
    what: 'Gemini wants a thought signature, as in a list of errors',
    wire: 'openai-chat',
    refuse: (_, text) =>
      !text.includes('thought_signature') && {
        status: 400,
        body: [
          {
            error: {
              code: 400,
              message: 'Function call is missing a thought_signature in functionCall parts.',
              status: 'INVALID_ARGUMENT',
            },
          },
        ],
      },
    requests: [2, 1],
  },
  ...WIRES.map(
    (wire): Case => ({ what: 'words that nobody has read before', wire, refuse: sealed, requests: [2, 2] }),
  ),
]

for (const { what, wire, refuse, messages = HELLO, requests } of [
  ...PARAMETERS,
  ...HISTORY.map((one) => ({ messages: TALK[one.wire], ...one })),
]) {
  test(`${wire}: ${what}: asked again at once, and remembered where it is the server’s way`, async (t) => {
    const lines: object[] = []
    const logger = { info: (line: object) => lines.push(line) }
    const script = ({ body }: { body: unknown }) => {
      const fault = refuse(body as Body, JSON.stringify(body))
      return fault ? { text: 'x', fault } : { text: 'Done.' }
    }
    const { ask, provider } = await startAsking(t, script, undefined, { logger })
    assert.equal((await ask(wire, messages)).message.text, 'Done.')
    assert.equal(provider.requests.length, requests[0])
    assert.ok(lines.length > 0, 'the operator can read it')
    assert.equal((await ask(wire, messages)).message.text, 'Done.')
    assert.equal(provider.requests.length, requests[0] + requests[1])
  })
}

test('a refusal that is about none of that is told after one more try, with what the provider said last', async (t) => {
  const { ask, provider } = await startAsking(t, { text: 'x', fault: openai(400, 'no such thing') })
  for (const wire of WIRES) {
    const before = provider.requests.length
    await assert.rejects(ask(wire, TALK[wire]), { code: 'model_request_refused', billed: 'no' })
    assert.equal(provider.requests.length - before, 2)
    await assert.rejects(ask(wire, HELLO), { code: 'model_request_refused' })
    assert.equal(provider.requests.length - before, 3, 'without answers in it there is no history to mend')
  }
})

for (const [what, fault] of [
  ['a long conversation', openai(400, 'x', { code: 'context_length_exceeded' })],
  ['a filtered one', openai(400, 'x', { code: 'content_filter' })],
  ['a wrong key', openai(401, 'x')],
  ['an overloaded server', openai(503, 'x')],
] as const) {
  test(`${what} is not mended by another spelling`, async (t) => {
    const { ask, provider } = await startAsking(t, { text: 'x', fault })
    await assert.rejects(ask('openai-chat', TALK['openai-chat']))
    assert.equal(provider.requests.length, 1)
  })
}

test('a server that refuses every spelling of a parameter is left after a few', async (t) => {
  const fault = openai(
    400,
    "Unsupported: 'max_tokens', 'max_completion_tokens', 'stream_options', thought_signature",
  )
  const { ask, provider } = await startAsking(t, { text: 'x', fault })
  await assert.rejects(ask('openai-chat', TALK['openai-chat']), { code: 'model_request_refused' })
  assert.ok(provider.requests.length <= 6, `${provider.requests.length} requests`)
})

test('a call id that is too long is not taken for a long conversation, and a long text is', async (t) => {
  const long = (param: string): ScriptedStatus =>
    openai(400, `Invalid '${param}': string too long. Expected a string with maximum length 64.`, {
      code: 'string_above_max_length',
      param,
    })
  for (const [param, code] of [
    ['messages[1].tool_calls[0].id', 'model_request_refused'],
    ['input[3].call_id', 'model_request_refused'],
    ['messages[1].content', 'model_context_too_long'],
    ['input[0].content[0].text', 'model_context_too_long'],
    ['input', 'model_context_too_long'],
  ] as const) {
    const { ask } = await startAsking(t, { text: 'x', fault: long(param) })
    await assert.rejects(ask('openai-chat'), { code }, param)
  }
})

test('a row of the operator’s spells the first request', async (t) => {
  const dialects: readonly DialectOverride[] = [
    {
      provider: 'openai',
      wire: 'openai-chat',
      outputLimit: 'max_completion_tokens',
      omit: ['stream_options'],
    },
    { provider: 'anthropic', model: 'claude-haiku-4-5', cacheControl: 'blocks' },
    { provider: 'anthropic', model: 'another', cacheControl: 'none' },
  ]
  const { ask, provider } = await startAsking(t, { text: 'Done.' }, undefined, { dialects })
  for (const wire of WIRES) await ask(wire)
  const [responses, chat, messages] = provider.requests.map(({ body }) => body as Body)
  assert.equal(responses?.['store'], false)
  assert.equal(chat?.['max_completion_tokens'], 4_096)
  assert.ok(chat !== undefined && !('max_tokens' in chat) && !('stream_options' in chat))
  assert.deepEqual(messages?.['system'], [
    { type: 'text', text: 'You help.', cache_control: { type: 'ephemeral' } },
  ])
  assert.ok(messages !== undefined && !('cache_control' in messages))
})
