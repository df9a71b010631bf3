import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Wire } from '../../../../src/contracts/models/model.ts'
import type { ToolCall } from '../../../../src/contracts/runs/message.ts'
import { answered, streamOf } from '../support/answering.ts'
import { WIRES } from '../support/ask.ts'
import { assertSound } from '../support/assert-sound.ts'
import { call, chat, messages, responses } from '../support/provider-events.ts'

type Events = readonly (object | string)[]

async function callsOf(wire: Wire, events: Events): Promise<readonly ToolCall[]> {
  const answer = await answered(wire, streamOf(events))
  assertSound(answer)
  return answer.message.toolCalls
}

const chatCalls = (...pieces: Record<string, unknown>[]): Events => [
  ...chat.calls(...pieces),
  chat.chunk({}, 'tool_calls'),
  chat.done,
]

const ONE = ['one', { a: 1 }]
const TWO = ['two', { b: 2 }]

/** [how the pieces come, pieces, the calls that they make] */
const PIECES: readonly (readonly [string, Events, readonly unknown[]])[] = [
  ['one call without an index', chatCalls(call({ id: 'x' }, 'one', '{"a":1}')), [ONE]],
  [
    'two calls without an index',
    chatCalls(call({ id: 'x' }, 'one', '{"a":1}'), call({ id: 'y' }, 'two', '{"b":2}')),
    [ONE, TWO],
  ],
  [
    'pieces without an index',
    chatCalls(
      call({ id: 'x' }, 'one', '{"a"'),
      call({}, null, ':1}'),
      call({ id: 'y' }, 'two', '{"b"'),
      call({}, '', ':2}'),
    ),
    [ONE, TWO],
  ],
  ['neither index nor id', chatCalls(call({}, 'one', '{"a":1}'), call({}, 'two', '{"b":2}')), [ONE, TWO]],
  [
    'the same call twice, with neither index nor id',
    chatCalls(call({}, 'one', '{"a":1}'), call({}, 'one', '{"a":1}')),
    [ONE, ONE],
  ],
  [
    'the name on each piece',
    chatCalls(call({ index: 0, id: 'x' }, 'one', '{"a"'), call({ index: 0, id: 'x' }, 'one', ':1}')),
    [ONE],
  ],
  [
    'each call with the index 0, the id once',
    chatCalls(
      call({ index: 0, id: 'x' }, 'one', ''),
      call({ index: 0 }, null, '{"a":1}'),
      call({ index: 0, id: 'y' }, 'two', ''),
      call({ index: 0 }, null, '{"b":2}'),
    ),
    [ONE, TWO],
  ],
  [
    'each call with the index 0, the id on each piece',
    chatCalls(
      call({ index: 0, id: 'x' }, 'one', ''),
      call({ index: 0, id: 'x' }, null, '{"a":1}'),
      call({ index: 0, id: 'y' }, 'two', ''),
      call({ index: 0, id: 'y' }, null, '{"b":2}'),
    ),
    [ONE, TWO],
  ],
  [
    'a first call without arguments, each with the index 0',
    chatCalls(
      call({ index: 0, id: 'x' }, 'one', ''),
      call({ index: 0, id: 'y' }, 'two', ''),
      call({ index: 0 }, null, '{"b":2}'),
    ),
    [['one', {}], TWO],
  ],
  [
    'a new id on each piece',
    chatCalls(
      call({ index: 0, id: '1' }, 'one', ''),
      call({ index: 0, id: '2' }, null, '{"a"'),
      call({ index: 0, id: '3' }, null, ':1}'),
    ),
    [ONE],
  ],
  [
    'pieces of two calls by turns',
    chatCalls(
      call({ index: 0, id: 'x' }, 'one', '{"a"'),
      call({ index: 1, id: 'y' }, 'two', '{"b"'),
      call({ index: 0 }, null, ':1}'),
      call({ index: 1 }, null, ':2}'),
    ),
    [ONE, TWO],
  ],
  [
    'one id for two calls',
    chatCalls(call({ index: 0, id: 'x' }, 'one', '{"a":1}'), call({ index: 1, id: 'x' }, 'two', '{"b":2}')),
    [ONE, TWO],
  ],
  ['arguments that are an object', chatCalls(call({ index: 0, id: 'x' }, 'one', { a: 1 })), [ONE]],
]

for (const [what, events, expected] of PIECES) {
  test(`openai-chat: ${what}`, async () => {
    const calls = await callsOf('openai-chat', events)
    assert.deepEqual(
      calls.map(({ tool, arguments: args }) => [tool, args]),
      expected,
    )
  })
}

for (const places of [
  [0, 0, 0],
  [undefined, undefined, undefined],
] as const) {
  test(`openai-responses: items that all have the place ${places[0]} stay apart`, async () => {
    const [first, second, third] = places
    const { message } = await answered(
      'openai-responses',
      streamOf([
        ...responses.item(responses.message('Both.'), first),
        ...responses.item(responses.call('one', '{"a":1}', 'x'), second),
        ...responses.item(responses.call('two', '{"b":2}', 'y'), third),
        responses.end({ output: [] }),
      ]),
    )
    assert.equal(message.text, 'Both.')
    assert.deepEqual(message.toolCalls, [
      { callId: 'x', tool: 'one', arguments: { a: 1 } },
      { callId: 'y', tool: 'two', arguments: { b: 2 } },
    ])
  })
}

test('openai-responses: a call that is never sent whole is put together from its pieces', async () => {
  const added = { type: 'response.output_item.added', item: responses.call('one', '') }
  const piece = (delta: string) => ({
    type: 'response.function_call_arguments.delta',
    item_id: 'fc_call_1',
    delta,
  })
  const calls = await callsOf('openai-responses', [
    added,
    piece('{"a"'),
    piece(':1}'),
    responses.end({ output: [] }),
  ])
  assert.deepEqual(calls, [{ callId: 'call_1', tool: 'one', arguments: { a: 1 } }])
})

test('anthropic-messages: blocks that all have the index 0 stay apart', async () => {
  const tool = (id: string, name: string, json: string) => [
    messages.block({ type: 'tool_use', id, name, input: {} }, 0),
    messages.delta({ type: 'input_json_delta', partial_json: json }, 0),
  ]
  const calls = await callsOf('anthropic-messages', [
    messages.start(),
    ...messages.text('Both.'),
    ...tool('x', 'one', '{"a":1}'),
    ...tool('y', 'two', '{"b":2}'),
    ...messages.end('tool_use'),
  ])
  assert.deepEqual(calls, [
    { callId: 'x', tool: 'one', arguments: { a: 1 } },
    { callId: 'y', tool: 'two', arguments: { b: 2 } },
  ])
})

/** An answer with these calls, spelled for the wire. */
function withCalls(
  wire: Wire,
  calls: readonly { readonly id?: unknown; readonly name?: unknown; readonly args?: unknown }[],
): Events {
  switch (wire) {
    case 'openai-chat':
      return chatCalls(
        ...calls.map(({ id, name, args }, index) => ({ index, id, function: { name, arguments: args } })),
      )
    case 'openai-responses':
      return [
        responses.end({
          output: calls.map(({ id, name, args }) => ({
            type: 'function_call',
            call_id: id,
            name,
            arguments: args,
          })),
        }),
      ]
    case 'anthropic-messages':
      return [
        messages.start(),
        ...calls.flatMap(({ id, name, args }, index) => [
          messages.block({ type: 'tool_use', id, name }, index),
          ...(args === undefined
            ? []
            : [messages.delta({ type: 'input_json_delta', partial_json: args }, index)]),
        ]),
        ...messages.end('tool_use'),
      ]
  }
}

const LONG_ID = 'c'.repeat(65)

for (const wire of WIRES) {
  test(`${wire}: call ids that are missing, odd, too long or the same are replaced; others are kept`, async () => {
    const ids = [undefined, null, '', 'functions.one:0', LONG_ID, 'nul\u0000', 'same', 'same', 7, 'call_ok-1']
    const calls = await callsOf(
      wire,
      withCalls(
        wire,
        ids.map((id) => ({ id, name: 'one', args: '{"a":1}' })),
      ),
    )
    assert.equal(calls.length, ids.length)
    const kept = calls.map(({ callId }, n) => callId === ids[n])
    assert.deepEqual(kept, [false, false, false, false, false, false, true, false, false, true])
  })

  test(`${wire}: ids that are made up differ from answer to answer`, async () => {
    const events = withCalls(wire, [{ id: 'functions.one:0', name: 'one', args: '{}' }])
    const [[first], [second]] = [await callsOf(wire, events), await callsOf(wire, events)]
    assert.notEqual(first?.callId, second?.callId)
  })

  test(`${wire}: no name, no arguments, and a name of 3 MB`, async () => {
    const calls = await callsOf(
      wire,
      withCalls(wire, [{ id: 'x' }, { id: 'y', name: 'n'.repeat(3_000_000), args: '{}' }]),
    )
    assert.deepEqual(
      calls.map(({ tool, arguments: args }) => [tool.length, args]),
      [
        ['unnamed_tool'.length, {}],
        [128, {}],
      ],
    )
    assert.ok(calls[1]?.tool.endsWith('n…'), 'no tool has such a name')
  })

  test(`${wire}: of 20,000 calls as many are kept as a step can tell of`, async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => ({ id: `c${n}`, name: 'one', args: '{}' }))
    const calls = await callsOf(wire, withCalls(wire, many))
    assert.deepEqual(
      calls.map(({ callId }) => callId),
      many.slice(0, 32).map(({ id }) => id),
    )
  })

  const argumentsOf = async (args: string): Promise<ToolCall | undefined> =>
    (await callsOf(wire, withCalls(wire, [{ id: 'x', name: 'one', args }])))[0]

  test(`${wire}: arguments with NUL or half of a surrogate pair have a character that can be kept`, async () => {
    const call = await argumentsOf('{"a":"x\\u0000y","b\\ud83d":"\\ude00","c":"\\ud83d\\ude00"}')
    assert.deepEqual(call?.arguments, { a: 'x\uFFFDy', 'b\uFFFD': '\uFFFD', c: '😀' })
    assert.equal(call?.problem, undefined)
  })

  test(`${wire}: arguments as JSON in a JSON string are unwrapped, once`, async () => {
    const once = JSON.stringify('{"a":1}')
    assert.deepEqual((await argumentsOf(once))?.arguments, { a: 1 })
    assert.equal((await argumentsOf(JSON.stringify(once)))?.problem, 'tool_arguments_not_json')
  })

  for (const [what, args, problem] of [
    ['that are no JSON', '{"query":"a "quoted" word"}', 'tool_arguments_not_json'],
    ['that were cut off', '{"query":"a', 'tool_arguments_not_json'],
    ['of 65 KB', JSON.stringify({ a: 'x'.repeat(65_536) }), 'tool_arguments_too_large'],
    ['nested 65 deep', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, 'tool_arguments_too_large'],
    ['nested 10,000 deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'tool_arguments_too_large'],
  ] as const) {
    test(`${wire}: arguments ${what} are a problem that the model is told`, async () => {
      const call = await argumentsOf(args)
      assert.equal(call?.problem, problem)
      assert.deepEqual(call?.arguments, {})
      assert.equal(call?.received, args.slice(0, 200))
    })
  }

  test(`${wire}: what a model wrote goes back as it wrote it, unless it can't be kept so`, async () => {
    const spaced = '{ "a" : 1 }'
    const { message } = await answered(
      wire,
      streamOf(
        withCalls(wire, [
          { id: 'x', name: 'one', args: spaced },
          { id: 'y', name: 'one', args: '{' },
        ]),
      ),
    )
    const sent = JSON.stringify(message.wireItems)
    if (wire !== 'anthropic-messages') assert.ok(sent.includes(JSON.stringify(spaced)))
    assert.ok(!sent.includes('"arguments":"{"'))
  })
}
