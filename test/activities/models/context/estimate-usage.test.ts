import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { loadTokenizer } from '../../../../src/activities/models/context/count-tokens.ts'
import { withUsage } from '../../../../src/activities/models/context/estimate-usage.ts'
import { UNKNOWN_USAGE } from '../../../../src/activities/models/wires/read-usage.ts'
import { testLogger } from '../../../support/test-runtime.ts'
import { HELLO, requestOn } from '../support/ask.ts'

const PROSE =
  'The parcel left Leipzig on Tuesday, and the courier’s note says “not at home”. It waits in the shop around the corner until Friday. '

test('a text is counted as the tokenizer counts it whole, to a few hundredths', async () => {
  const count = await loadTokenizer()
  for (const text of [
    PROSE.repeat(40),
    JSON.stringify({ rows: Array(200).fill({ id: 'ord_17', eur: 12.5 }) }),
  ]) {
    const whole = countTokens(text)
    assert.ok(Math.abs(count(text) - whole) <= 0.05 * whole, `${count(text)} in place of ${whole}`)
  }
  assert.equal(count(''), 0)
})

test('no text holds the worker up, however odd', async (t) => {
  const count = await loadTokenizer()
  const characters = 400_000
  for (const piece of ['a', '汉字很多', '\n', '🚚', ' ', '0123456789', 'a b ']) {
    const text = piece.repeat(characters / piece.length)
    const startedAt = performance.now()
    assert.ok(count(text) > 0)
    const tookMs = performance.now() - startedAt
    t.diagnostic(`${JSON.stringify(piece)}: ${Math.round(tookMs)} ms`)
    // In one piece it would be minutes.
    assert.ok(tookMs < 15_000, `${tookMs} ms`)
  }
})

test('of a text without bounds the beginning is counted, and the rest taken to be like it', async () => {
  const count = await loadTokenizer()
  const text = PROSE.repeat(6_000)
  const expected = (countTokens(PROSE.repeat(100)) / 100) * 6_000
  assert.ok(Math.abs(count(text) - expected) <= 0.05 * expected)
})

test('the spelling of a special token is text like any other', async () => {
  const count = await loadTokenizer()
  assert.ok(count('<|endoftext|> and <|im_start|>') > 5)
})

test('counts that the server has sent stay; where it sent none an estimate stands for them and says so', async () => {
  const request = requestOn('openai-chat', HELLO)
  const answer = {
    message: { role: 'assistant', text: PROSE, toolCalls: [], wire: 'none', wireItems: [] },
    stop: 'end',
    usage: { ...UNKNOWN_USAGE, inputTokens: 7, outputTokens: 2 },
    servedBy: 'm',
    requestId: null,
  } as const
  assert.equal(await withUsage(answer, request, testLogger), answer)
  const { usage } = await withUsage({ ...answer, usage: UNKNOWN_USAGE }, request, testLogger)
  assert.equal(usage.estimated, true)
  assert.ok(Math.abs(usage.outputTokens - countTokens(PROSE)) <= 2)
  assert.ok(usage.inputTokens > 30 && usage.inputTokens < 100, String(usage.inputTokens))
  const call = { callId: 'c', tool: 'look_up', arguments: { id: 'P-1' } }
  const asked = await withUsage(
    { ...answer, message: { ...answer.message, text: '', toolCalls: [call] }, usage: UNKNOWN_USAGE },
    {
      ...request,
      messages: [...HELLO, { role: 'tool', callId: 'c', tool: 'look_up', content: PROSE, isError: false }],
    },
    testLogger,
  )
  assert.ok(asked.usage.outputTokens > 3)
  assert.ok(asked.usage.inputTokens > usage.inputTokens + 20)
})
