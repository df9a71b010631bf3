import assert from 'node:assert/strict'
import { test } from 'node:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { plainScript } from '../../src/testing/plain-script.ts'
import type { Script, ScriptedReply } from '../../src/testing/script.ts'
import {
  type ScriptedProviderOptions,
  startScriptedProvider,
} from '../../src/testing/start-scripted-provider.ts'

const ANSWER: ScriptedReply = {
  reasoning: 'It depends on the order.',
  text: 'One moment, I will look that up for you; it takes no longer than a second.',
  toolCalls: [{ tool: 'get_order', arguments: { id: 'ord_1', with: ['items'] }, callId: 'call_fixed' }],
  usage: { inputTokens: 500, cachedInputTokens: 400, outputTokens: 60, reasoningTokens: 20 },
}
const SAID = { role: 'user', content: 'Hello' } as const

async function start(
  t: { after(fn: () => Promise<void>): void },
  script: Script | ScriptedReply,
  options: Partial<ScriptedProviderOptions> = {},
) {
  const provider = await startScriptedProvider({
    script: typeof script === 'function' ? script : () => script,
    ...options,
  })
  t.after(() => provider.close())
  const shared = { apiKey: 'test', maxRetries: 0, logLevel: 'off' } as const
  return {
    provider,
    openai: new OpenAI({ ...shared, baseURL: `${provider.url}/v1` }),
    anthropic: new Anthropic({ ...shared, baseURL: provider.url }),
  }
}

test("OpenAI's own stream helper reads a streamed response, and it equals the whole one", async (t) => {
  const { openai } = await start(t, ANSWER)
  const streamed = await openai.responses.stream({ model: 'gpt-5.5', input: 'Hello' }).finalResponse()
  const whole = await openai.responses.create({ model: 'gpt-5.5', input: 'Hello' })
  const plain = (items: readonly { type: string }[]) =>
    items.map((item) => ({ ...item, id: '', encrypted_content: '' }))

  assert.equal(streamed.output_text, ANSWER.text)
  assert.deepEqual(
    plain(streamed.output).map((item) => item.type),
    ['reasoning', 'message', 'function_call'],
  )
  assert.equal(whole.output_text, ANSWER.text)
  assert.deepEqual(whole.usage, streamed.usage)
  assert.equal(whole.usage?.input_tokens_details.cached_tokens, 400)
})

test("OpenAI's own chat helper reads a streamed completion, and it equals the whole one", async (t) => {
  const { openai } = await start(t, ANSWER)
  const body = { model: 'gpt-5.5', messages: [SAID] }
  const streamed = await openai.chat.completions
    .stream({ ...body, stream_options: { include_usage: true } })
    .finalChatCompletion()
  const whole = await openai.chat.completions.create(body)

  const [first, second] = [streamed.choices[0], whole.choices[0]]
  assert.equal(first?.finish_reason, 'tool_calls')
  assert.equal(first?.message.content, ANSWER.text)
  assert.deepEqual(second?.message.content, first?.message.content)
  const call = second?.message.tool_calls?.[0]
  assert.ok(call?.type === 'function')
  assert.deepEqual(JSON.parse(call.function.arguments), { id: 'ord_1', with: ['items'] })
  assert.equal(first?.message.tool_calls?.[0]?.id, 'call_fixed')
  assert.deepEqual(whole.usage, streamed.usage)
})

test("Anthropic's own stream helper reads a streamed message, and it equals the whole one", async (t) => {
  const { anthropic } = await start(t, ANSWER)
  const body = { model: 'claude-haiku-4-5', max_tokens: 100, messages: [SAID] }
  const streamed = await anthropic.messages.stream(body).finalMessage()
  const whole = await anthropic.messages.create(body)

  assert.deepEqual(
    streamed.content.map((block) => block.type),
    ['thinking', 'text', 'tool_use'],
  )
  assert.deepEqual(whole.content.slice(1), streamed.content.slice(1))
  assert.deepEqual(whole.usage, streamed.usage)
  assert.equal(whole.usage.input_tokens, 100)
  assert.equal(whole.usage.cache_read_input_tokens, 400)
  assert.equal(whole.stop_reason, 'tool_use')
})

test('what was sent before is counted as cached once the beginning is long enough', async (t) => {
  const { openai, provider } = await start(t, { text: 'Yes.' })
  const long = { role: 'user', content: 'x'.repeat(6_000) } as const
  await openai.chat.completions.create({ model: 'm', messages: [long] })
  await openai.chat.completions.create({
    model: 'm',
    messages: [long, { role: 'assistant', content: 'Yes.' }, SAID],
  })
  const [first, second] = provider.requests.map((request) => request.charged)
  assert.equal(first?.cachedInputTokens, 0)
  assert.ok(second && second.cachedInputTokens >= 1_408 && second.cachedInputTokens % 128 === 0)
  assert.ok(second.cachedInputTokens < second.inputTokens)
})

const CALL = { id: 'toolu_1', type: 'tool_use', name: 'get_order', input: {} } as const
const REFUSED: Readonly<Record<string, Anthropic.MessageParam[]>> = {
  'a call without its result': [SAID, { role: 'assistant', content: [CALL] }, SAID],
  'a call at the end': [SAID, { role: 'assistant', content: [CALL] }],
  'a result of no call': [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_9' }] }],
  'an empty text': [{ role: 'user', content: [{ type: 'text', text: '' }] }],
  'no content': [SAID, { role: 'assistant', content: [] }, SAID],
  'an id of another wire': [
    SAID,
    { role: 'assistant', content: [{ ...CALL, id: 'functions.x:0' }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'functions.x:0' }] },
  ],
}

for (const [what, messages] of Object.entries(REFUSED)) {
  test(`a conversation with ${what} is refused, as Anthropic refuses it`, async (t) => {
    const { anthropic, provider } = await start(t, ANSWER)
    await assert.rejects(anthropic.messages.create({ model: 'm', max_tokens: 9, messages }), { status: 400 })
    assert.equal(provider.requests.length, 0)
  })
}

test('a call without its output is refused on both of OpenAI’s wires', async (t) => {
  const { openai } = await start(t, ANSWER)
  const call = { type: 'function_call', call_id: 'c', name: 'n', arguments: '{}' } as const
  await assert.rejects(openai.responses.create({ model: 'm', input: [call] }), { status: 400 })
  const made: OpenAI.ChatCompletionMessageParam = {
    role: 'assistant',
    tool_calls: [{ id: 'c', type: 'function', function: { name: 'n', arguments: '{}' } }],
  }
  const messages = [SAID, made]
  await assert.rejects(openai.chat.completions.create({ model: 'm', messages }), { status: 400 })
})

test('a body that is no request, and a path that is none, are answered and not in the book', async (t) => {
  const { provider } = await start(t, ANSWER)
  for (const [path, body, status] of [
    ['/v1/responses', '{', 400],
    ['/v1/responses', '[]', 400],
    ['/v1/messages', '{"model":"m"}', 400],
    ['/v1/nothing', '{}', 404],
  ] as const) {
    assert.equal((await fetch(provider.url + path, { method: 'POST', body })).status, status, path)
  }
  assert.equal(provider.requests.length, 0)
})

test('a script that throws is reported, and the client gets a 500', async (t) => {
  const errors: unknown[] = []
  const boom = new Error('boom')
  const script = () => {
    throw boom
  }
  const { openai } = await start(t, script, { onScriptError: (error) => errors.push(error) })
  await assert.rejects(openai.responses.create({ model: 'm', input: 'x' }), { status: 500 })
  assert.deepEqual(errors, [boom])
})

test('the book keeps the latest requests only', async (t) => {
  const { openai, provider } = await start(t, plainScript, { keep: 2 })
  for (const input of ['a', 'b', 'c']) await openai.responses.create({ model: 'm', input })
  assert.deepEqual(
    provider.requests.map((request) => request.messages),
    [[{ role: 'user', text: 'b' }], [{ role: 'user', text: 'c' }]],
  )
})

test('closing does not wait for a request that hangs', async () => {
  const arrived = Promise.withResolvers<void>()
  const provider = await startScriptedProvider({
    script: () => {
      arrived.resolve()
      return { fault: 'hang' }
    },
  })
  const body = JSON.stringify({ model: 'm', input: 'x' })
  const answer = fetch(`${provider.url}/v1/responses`, { method: 'POST', body }).then(
    () => 'answered',
    () => 'dropped',
  )
  await arrived.promise
  await provider.close()
  assert.equal(await answer, 'dropped')
})

test('the plain script repeats what it was asked, and not at any length', async () => {
  const ask = (text: string) =>
    plainScript({
      wire: 'openai-responses',
      model: 'm',
      system: '',
      messages: [{ role: 'user', text }],
      tools: [],
      headers: {},
      body: {},
      signal: new AbortController().signal,
    })
  assert.match(JSON.stringify(await ask('What is durable?')), /What is durable\?/)
  assert.ok(JSON.stringify(await ask('x'.repeat(10_000))).length < 500)
})
