import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UNKNOWN_USAGE } from '../../../../src/activities/models/wires/read-usage.ts'
import { answered, streamOf } from '../support/answering.ts'
import { WIRES } from '../support/ask.ts'
import { chat, messages } from '../support/provider-events.ts'
import { spelled, usageOf } from '../support/reported-usage.ts'

const TOKENS = { fresh: 1_000, cached: 0, written: 0, output: 50 }
const KEYS = {
  'openai-responses': ['input_tokens', 'output_tokens'],
  'openai-chat': ['prompt_tokens', 'completion_tokens'],
  'anthropic-messages': ['input_tokens', 'output_tokens', 'cache_read_input_tokens'],
} as const

for (const wire of WIRES) {
  for (const key of KEYS[wire]) {
    for (const count of [-1, -60_000, 1e15, 1e20, Number.POSITIVE_INFINITY, '12', {}, [], true]) {
      test(`${wire}: ${key}: ${JSON.stringify(count)} makes the usage unknown`, () => {
        assert.deepEqual(usageOf(wire, { ...spelled(wire, TOKENS), [key]: count }), UNKNOWN_USAGE)
      })
    }
  }

  test(`${wire}: a fraction of a token is one`, () => {
    const [input, output] = KEYS[wire]
    const { inputTokens, outputTokens } = usageOf(wire, { [input]: 12.5, [output]: 3.25 })
    assert.deepEqual([inputTokens, outputTokens], [13, 4])
  })

  test(`${wire}: half an account, or none, is unknown`, () => {
    const [input, output] = KEYS[wire]
    for (const usage of [undefined, null, {}, [], 'many', 7, { [input]: 12 }, { [output]: 12 }])
      assert.deepEqual(usageOf(wire, usage), UNKNOWN_USAGE)
  })
}

test('thinking that is counted beside the output is in the total, and counts', () => {
  const completion_tokens_details = { reasoning_tokens: 4_096 }
  const usage = {
    prompt_tokens: 8_000,
    completion_tokens: 5,
    total_tokens: 12_101,
    completion_tokens_details,
  }
  const { outputTokens, reasoningTokens } = usageOf('openai-chat', usage)
  assert.deepEqual([outputTokens, reasoningTokens], [4_101, 4_096])
})

test('a total that is less than its parts takes nothing away', () => {
  const usage = { prompt_tokens: 80, completion_tokens: 5, total_tokens: 10 }
  assert.equal(usageOf('openai-chat', usage).outputTokens, 5)
})

test('openai-chat: usage inside the choice counts, and the last account in a stream', async () => {
  const usage = { prompt_tokens: 1_336, completion_tokens: 31 }
  const choice = { delta: { content: 'Hi.' }, finish_reason: 'stop', usage }
  const inChoice = await answered('openai-chat', streamOf([{ choices: [choice] }]))
  assert.equal(inChoice.usage.inputTokens, 1_336)
  const growing = await answered(
    'openai-chat',
    streamOf([
      chat.chunk({ content: 'Hi.' }, null, { usage: { prompt_tokens: 7, completion_tokens: 1 } }),
      chat.chunk({}, 'stop'),
      chat.usage({ prompt_tokens: 7, completion_tokens: 9 }),
    ]),
  )
  assert.equal(growing.usage.outputTokens, 9)
})

test('openai-chat: an account with nothing in it is none, and the one after it counts', async () => {
  const events = [
    chat.chunk({ content: 'Hi.' }, 'stop', { usage: {} }),
    chat.usage({ prompt_tokens: null }),
    chat.usage({ prompt_tokens: 7, completion_tokens: 9 }),
  ]
  assert.equal((await answered('openai-chat', streamOf(events))).usage.outputTokens, 9)
})

test('anthropic-messages: the output of the head is counted before there is any, so it is no account', async () => {
  const events = [messages.start(), ...messages.text('Hi.'), ...messages.end('end_turn', {})]
  assert.deepEqual((await answered('anthropic-messages', streamOf(events))).usage, UNKNOWN_USAGE)
})

test('anthropic-messages: later counters replace those of the head, unless they do not apply', async () => {
  const usage = { input_tokens: null, cache_read_input_tokens: 7, output_tokens: 9 }
  const events = [messages.start(), ...messages.text('Hi.'), ...messages.end('end_turn', { usage })]
  const { inputTokens, outputTokens } = (await answered('anthropic-messages', streamOf(events))).usage
  assert.deepEqual([inputTokens, outputTokens], [107, 9])
})
