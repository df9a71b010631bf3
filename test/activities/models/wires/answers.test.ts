import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessageCreateParamsStreaming } from '@anthropic-ai/sdk/resources/messages'
import type { ResponseCreateParamsStreaming } from 'openai/resources/responses/responses'
import type { AssistantMessage, Message } from '../../../../src/contracts/runs/message.ts'
import type { Script } from '../../../../src/testing/script.ts'
import { HELLO, startAsking, WIRES } from '../support/ask.ts'

const USAGE = {
  inputTokens: 1_300,
  cachedInputTokens: 1_000,
  cacheWriteTokens: 200,
  outputTokens: 77,
  reasoningTokens: 30,
}

const TWO_CALLS: Script = ({ messages }) =>
  messages.some((message) => message.role === 'tool')
    ? { text: 'It is on its way — “tomorrow”, 50 % sure. 🚚' }
    : {
        reasoning: 'Two look-ups are needed: é, 漢字, 🚚, "quotes" and \\ backslashes.',
        text: 'Let me look at both orders; this takes a moment, so please stay with me while I do it.',
        toolCalls: [
          { tool: 'look_up', arguments: { id: 'ord_1', note: 'naïve "quoted" \n text 🚚' } },
          { tool: 'look_up', arguments: { b: 1, a: [true, null, { deep: 0.5 }] } },
        ],
        usage: USAGE,
      }

function results(answer: AssistantMessage): Message[] {
  return answer.toolCalls.map((call, index) => ({
    role: 'tool',
    callId: call.callId,
    tool: call.tool,
    content: index === 0 ? '{"status":"sent"}' : 'Not found.',
    isError: index === 1,
  }))
}

for (const wire of WIRES) {
  test(`${wire}: text, parallel calls, usage and the server's own account of them are the same`, async (t) => {
    const { ask, provider } = await startAsking(t, TWO_CALLS)
    let events = 0
    let streamed = ''
    const answer = await ask(wire, HELLO, {
      onProgress(delta) {
        events += 1
        streamed += delta
      },
    })

    assert.equal(answer.stop, 'tool_calls')
    assert.equal(answer.message.text, streamed)
    assert.ok(events > 6, `${events} signs of life`)
    assert.deepEqual(
      answer.message.toolCalls.map((call) => [call.tool, call.arguments]),
      [
        ['look_up', { id: 'ord_1', note: 'naïve "quoted" \n text 🚚' }],
        ['look_up', { b: 1, a: [true, null, { deep: 0.5 }] }],
      ],
    )
    assert.notEqual(answer.message.toolCalls[0]?.callId, answer.message.toolCalls[1]?.callId)
    assert.deepEqual(answer.usage, USAGE)
    assert.deepEqual(answer.usage, provider.requests[0]?.charged)
    assert.equal(answer.requestId, provider.requests[0]?.requestId)
  })

  test(`${wire}: what the model answered goes back byte for byte, reasoning included`, async (t) => {
    const { ask, provider } = await startAsking(t, TWO_CALLS)
    const first = await ask(wire)
    // As the store has it: JSON text and back.
    const stored = JSON.parse(JSON.stringify(first.message)) as AssistantMessage
    const last = await ask(wire, [...HELLO, stored, ...results(stored)])

    assert.equal(last.message.text, 'It is on its way — “tomorrow”, 50 % sure. 🚚')
    const seen = provider.requests[1]?.messages ?? []
    assert.equal(JSON.stringify(seen[1]), JSON.stringify(first.message))
    assert.ok(JSON.stringify(stored.wireItems).includes('backslashes'))
    assert.deepEqual(seen.slice(2), results(stored))
  })

  for (const other of WIRES.filter((candidate) => candidate !== wire)) {
    test(`${wire} → ${other}: another provider is told the text, the calls and every result`, async (t) => {
      const { ask, provider } = await startAsking(t, TWO_CALLS)
      const { message } = await ask(wire)
      await ask(other, [...HELLO, message, ...results(message)])

      const [asked, said, ...told] = provider.requests[1]?.messages ?? []
      assert.deepEqual(asked, HELLO[0])
      assert.ok(said?.role === 'assistant')
      assert.equal(said.text, message.text)
      assert.deepEqual(said.toolCalls, message.toolCalls)
      assert.deepEqual(told, results(message))
      assert.ok(
        !JSON.stringify(provider.requests[1]?.body).includes('backslashes'),
        'no reasoning of another wire',
      )
    })
  }
}

test('openai-responses: the sealed reasoning is in the next request as it came', async (t) => {
  const { ask, provider } = await startAsking(t, TWO_CALLS)
  const { message } = await ask('openai-responses')
  await ask('openai-responses', [...HELLO, message, ...results(message)])

  const body = provider.requests[1]?.body as ResponseCreateParamsStreaming
  const input = body.input as { type?: string; encrypted_content?: string }[]
  const reasoning = input.find((item) => item.type === 'reasoning')
  assert.match(reasoning?.encrypted_content ?? '', /\+\/==$/)
  assert.deepEqual(reasoning, message.wireItems[0])
})

test('anthropic-messages: the thinking signature is in the next request as it came', async (t) => {
  const { ask, provider } = await startAsking(t, TWO_CALLS)
  const { message } = await ask('anthropic-messages')
  await ask('anthropic-messages', [...HELLO, message, ...results(message)])

  const body = provider.requests[1]?.body as MessageCreateParamsStreaming
  assert.deepEqual(body.messages[1]?.content, message.wireItems)
  assert.match((message.wireItems[0] as { signature: string }).signature, /\+\/==$/)
})

test('the model that served is named as the provider names it', async (t) => {
  const { ask } = await startAsking(t, { text: 'Hi.', servedBy: 'some-model-2026-01-02' })
  for (const wire of WIRES) assert.equal((await ask(wire)).servedBy, 'some-model-2026-01-02')
})
