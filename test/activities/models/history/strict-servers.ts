import assert from 'node:assert/strict'
import type { Wire } from '../../../../src/contracts/models/model.ts'

/*
 * What the providers refuse in a conversation, as they document it or as reports of refusals show it. Each check takes a request's
 * body and throws what the provider would say.
 */

export type Fields = Readonly<Record<string, unknown>>

export interface Strictness {
  /** Mistral's rules: short ids, known fields alone, no user after a tool. */
  readonly mistral?: boolean
}

export const REFUSALS: { readonly [W in Wire]: (body: object, strictness?: Strictness) => void } = {
  'openai-responses': refuseResponses,
  'openai-chat': refuseChat,
  'anthropic-messages': refuseMessages,
}

const NAME = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/

function refuseResponses(body: object): void {
  const items = (body as { input: readonly Fields[] }).input
  const ids = new Set<unknown>()
  const open = new Set<unknown>()
  assert.equal(roleOf(items[0]), 'user', 'the user speaks first')
  for (const [index, item] of items.entries()) {
    const next = items[index + 1]
    switch (item['type'] ?? 'message') {
      case 'message':
        assert.ok(!isBlank(textOf(item['content'])), 'a message without text')
        assert.equal(open.size, 0, 'no tool output found for function call')
        if (item['role'] === 'assistant') assert.ok(next !== undefined, 'the last message is the model’s')
        break
      case 'reasoning':
        assert.ok(item['encrypted_content'] || Array.isArray(item['content']), `item ${item['id']} not found`)
        assert.ok(
          next !== undefined && next['type'] !== 'function_call_output' && roleOf(next) !== 'user',
          'reasoning without its required following item',
        )
        break
      case 'function_call':
        assert.match(String(item['name']), NAME)
        assert.match(String(item['call_id']), /^[a-zA-Z0-9_-]{1,64}$/)
        assert.ok(!ids.has(item['call_id']), 'duplicate call_id')
        assertObject(JSON.parse(String(item['arguments'])))
        ids.add(item['call_id'])
        open.add(item['call_id'])
        break
      case 'function_call_output':
        assert.ok(open.delete(item['call_id']), 'no tool call found for function call output')
        assert.ok(!isBlank(String(item['output'])))
        break
      default:
        assert.fail(`unknown item ${item['type']}`)
    }
  }
  assert.equal(open.size, 0, 'no tool output found for function call')
}

const CHAT_FIELDS = ['role', 'content', 'tool_calls', 'tool_call_id']

function refuseChat(body: object, { mistral = false }: Strictness = {}): void {
  const { messages } = body as { messages: readonly Fields[] }
  const ids = new Set<unknown>()
  let open: unknown[] = []
  let before = ''
  for (const message of messages) {
    const { role, content, tool_calls: calls = [], tool_call_id: id } = message
    assertList(calls)
    if (mistral)
      for (const field of Object.keys(message)) assert.ok(CHAT_FIELDS.includes(field), `extra field ${field}`)
    assert.ok(content === null ? calls.length > 0 : !isBlank(textOf(content)), 'a message without content')
    if (role === 'tool') {
      assert.equal(id, open.shift(), 'tool results follow their calls, in order')
    } else {
      assert.deepEqual(open, [], 'tool_calls must be followed by tool messages')
      assert.notEqual(role, before, 'roles must alternate')
      if (mistral && before === 'tool') assert.notEqual(role, 'user', 'unexpected role user after role tool')
      if (before === 'system') assert.equal(role, 'user')
    }
    for (const call of calls as readonly { id: unknown; function: Fields }[]) {
      assert.match(String(call.id), mistral ? /^[a-zA-Z0-9]{9}$/ : /^[\x21-\x7e]{1,64}$/)
      assert.ok(!ids.has(call.id), 'duplicate id')
      ids.add(call.id)
      assert.match(String(call.function['name']), NAME)
      assertObject(JSON.parse(String(call.function['arguments'])))
    }
    if (calls.length > 0) open = (calls as readonly Fields[]).map((call) => call['id'])
    before = String(role)
  }
  assert.deepEqual(open, [], 'tool_calls must be followed by tool messages')
  assert.ok(before === 'user' || before === 'tool', `the last role is ${before}`)
}

function refuseMessages(body: object): void {
  const { messages, tools } = body as { messages: readonly Fields[]; tools?: readonly unknown[] }
  const ids = new Set<unknown>()
  let open: unknown[] = []
  let before = 'assistant'
  for (const { role, content } of messages) {
    assert.notEqual(role, before, 'roles must alternate, the user first')
    before = String(role)
    assertList(content)
    assert.ok(content.length > 0, 'content is empty')
    const blocks = content as readonly Fields[]
    const results = blocks.filter(({ type }) => type === 'tool_result')
    assert.deepEqual(results, blocks.slice(0, results.length), 'tool results come first')
    assert.deepEqual(
      results.map((block) => block['tool_use_id']),
      open,
      'tool_use without tool_result, or the other way round',
    )
    const uses = blocks.filter(({ type }) => type === 'tool_use')
    open = uses.map(({ id }) => id)
    for (const block of blocks) refuseBlock(block, String(role))
    for (const { id, name, input } of uses) {
      assert.match(String(id), /^[a-zA-Z0-9_-]{1,64}$/)
      assert.ok(!ids.has(id), 'tool_use ids must be unique')
      ids.add(id)
      assert.match(String(name), NAME)
      assertObject(input)
    }
    const last = blocks.at(-1)?.['type']
    assert.ok(last !== 'thinking' && last !== 'redacted_thinking', 'the final block cannot be thinking')
  }
  assert.equal(before, 'user', 'the conversation must end with a user message')
  if (ids.size > 0) assert.ok(tools !== undefined && tools.length > 0, 'tool blocks need tools')
}

function refuseBlock({ type, text, content, signature, data }: Fields, role: string): void {
  if (type === 'text')
    assert.ok(!isBlank(String(text)), 'text content blocks must contain non-whitespace text')
  else if (type === 'tool_result') assert.ok(role === 'user' && !isBlank(String(content)))
  else if (type === 'thinking') assert.ok(role === 'assistant' && signature, 'signature: field required')
  else if (type === 'redacted_thinking') assert.ok(role === 'assistant' && data)
  else assert.ok(role === 'assistant' && type === 'tool_use', `unknown block ${type}`)
}

function roleOf(item: Fields | undefined): unknown {
  return item?.['role']
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  assertList(content)
  return (content as readonly Fields[])
    .map((part) => `${part['text'] ?? ''}${part['refusal'] ?? ''}`)
    .join('')
}

function isBlank(text: string): boolean {
  return text.trim() === ''
}

function assertList(value: unknown): asserts value is readonly unknown[] {
  assert.ok(Array.isArray(value), `${JSON.stringify(value)} is no list`)
}

function assertObject(value: unknown): void {
  assert.ok(
    typeof value === 'object' && value !== null && !Array.isArray(value),
    `${JSON.stringify(value)} is no object`,
  )
}
