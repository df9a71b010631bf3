import fc from 'fast-check'
import type { Json, JsonObject } from '../../../../src/contracts/json.ts'
import type { PlannedModel, Wire } from '../../../../src/contracts/models/model.ts'
import type { AssistantMessage, Message, ToolCall } from '../../../../src/contracts/runs/message.ts'
import { MODELS, WIRES } from '../support/ask.ts'

/** Made by these: the three models that are asked, and on each wire another one. */
const MAKERS: readonly PlannedModel[] = WIRES.flatMap((wire) => [
  MODELS[wire],
  { ...MODELS[wire], model: 'another-model' },
])

/** Stands in every sealed item: nobody but its maker may see it again. */
export function sealOf({ wire, provider, model }: Pick<PlannedModel, 'wire' | 'provider' | 'model'>): string {
  return `sealed by ${wire} ${provider} ${model}`
}

export const SEALS = MAKERS.map(sealOf)

const ODD_TEXTS = [
  '',
  ' ',
  '\n\n',
  '\u001c',
  '\u0085',
  '\ufeff',
  'Hm.',
  'Your refund is on its way.',
  '\u202edesrever',
]
const ODD_IDS = [
  'call_1',
  'call_1_2',
  'functions.look_up:0',
  'functions_look_up_0',
  'x'.repeat(64),
  'x'.repeat(69),
  'x'.repeat(70),
  '',
  'ünï',
  '🚚',
  'a b',
  '__proto__',
]
const ODD_NAMES = [
  'look_up',
  'look.up',
  'look_up_2',
  'browser.tabs.open',
  'browser_tabs_open',
  'search_help<|channel|>commentary',
  'n'.repeat(64),
  'n'.repeat(100),
  '',
  '7seas',
  '-',
  'función',
  'constructor',
]

const text = fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string())
const call = fc.record({
  callId: fc.oneof(fc.constantFrom(...ODD_IDS), fc.string({ unit: 'binary' })),
  tool: fc.oneof(fc.constantFrom(...ODD_NAMES), fc.string({ unit: 'binary' })),
  arguments: fc.constantFrom<JsonObject>({}, { id: '1' }, { deep: [{ a: null }] }),
})

type Shape = 'whole' | 'unsigned' | 'broken'

const answer = fc
  .record({
    maker: fc.constantFrom(...MAKERS),
    text,
    calls: fc.array(call, { maxLength: 4 }),
    shape: fc.constantFrom<Shape>('whole', 'whole', 'unsigned', 'broken'),
    said: fc.constantFrom<'madeBy' | 'none'>('madeBy', 'none'),
  })
  .map(({ maker, text, calls, shape, said }): AssistantMessage => {
    const message = { role: 'assistant' as const, text, toolCalls: calls }
    if (said === 'none') return { ...message, wire: 'none', wireItems: [] }
    const { wire, provider, model } = maker
    return { ...message, wire, wireItems: itemsOf(maker, message, shape), madeBy: { provider, model } }
  })

/** One turn: what the user says, what a model answers, and what its calls came to; any of it may be missing. */
const turn = fc
  .record({
    user: fc.option(text),
    answer: fc.option(answer),
    kept: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    content: text,
    isError: fc.boolean(),
    orphan: fc.option(fc.constantFrom(...ODD_IDS), { freq: 5 }),
    between: fc.option(text, { freq: 5 }),
  })
  .map(({ user, answer, kept, content, isError, orphan, between }): Message[] => [
    ...(user === null ? [] : [{ role: 'user' as const, text: user }]),
    ...(answer === null ? [] : [answer]),
    ...(between === null ? [] : [{ role: 'user' as const, text: between }]),
    ...(answer?.toolCalls ?? []).flatMap(({ callId, tool }, index) =>
      kept[index] ? [{ role: 'tool' as const, callId, tool, content, isError }] : [],
    ),
    ...(orphan === null
      ? []
      : [{ role: 'tool' as const, callId: orphan, tool: 'look_up', content: 'x', isError: false }]),
  ])

export const transcript = fc.array(turn, { maxLength: 6 }).map((turns) => turns.flat())

interface Said {
  readonly text: string
  readonly toolCalls: readonly ToolCall[]
}

const ITEMS: { readonly [W in Wire]: (said: Said, seal: string, shape: Shape) => Json[] } = {
  'openai-responses': ({ text, toolCalls }, seal, shape) => [
    {
      id: 'rs_1',
      type: 'reasoning',
      summary: [],
      ...(shape === 'unsigned' ? {} : { encrypted_content: seal }),
    },
    { id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] },
    ...toolCalls.map((call) => ({
      id: 'fc_1',
      type: 'function_call',
      call_id: call.callId,
      name: call.tool,
      arguments: shape === 'broken' ? '{"id":' : JSON.stringify(call.arguments),
    })),
  ],
  'openai-chat': ({ text, toolCalls }, seal, shape) => [
    {
      role: 'assistant',
      content: text === '' ? null : text,
      reasoning_details: [{ type: 'reasoning.encrypted', data: seal }],
      ...(toolCalls.length > 0 && {
        tool_calls: toolCalls.map((call) => ({
          extra_content: { google: { thought_signature: seal } },
          id: call.callId,
          type: 'function',
          function: {
            name: call.tool,
            arguments: shape === 'broken' ? '"no object"' : JSON.stringify(call.arguments),
          },
        })),
      }),
    },
  ],
  'anthropic-messages': ({ text, toolCalls }, seal, shape) => [
    { type: 'thinking', thinking: 'Hm', ...(shape === 'unsigned' ? {} : { signature: seal }) },
    { type: 'text', text },
    ...toolCalls.map((call) => ({
      type: 'tool_use',
      id: call.callId,
      name: call.tool,
      input: shape === 'broken' ? '{"id":' : call.arguments,
    })),
    { type: 'redacted_thinking', data: seal },
  ],
}

function itemsOf(maker: PlannedModel, said: Said, shape: Shape): Json[] {
  return ITEMS[maker.wire](said, sealOf(maker), shape)
}
