import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadTokenizer, tokenFactor } from '../../../../src/activities/models/context/count-tokens.ts'
import { textToSummarise } from '../../../../src/activities/models/context/text-to-summarise.ts'
import { windowLead } from '../../../../src/activities/models/context/window-lead.ts'
import { listedContextTokens } from '../../../../src/activities/models/prices/list-rates.ts'
import type { Message } from '../../../../src/contracts/runs/message.ts'

const count = await loadTokenizer()

test('tokens are counted as the models’ own encoding does', () => {
  assert.equal(count(''), 0)
  assert.equal(count('The order is on its way.'), 7)
  assert.equal(count('<|endoftext|>') > 1, true, 'the spelling of a special token is text')
})

test('no text takes long, however odd', () => {
  for (const text of ['a'.repeat(65_536), '🚚'.repeat(20_000), ' '.repeat(65_536)]) {
    const startedAt = performance.now()
    assert.ok(count(text) > 0)
    assert.ok(performance.now() - startedAt < 500)
  }
})

test('a provider’s count corrects ours, within reason', () => {
  assert.equal(tokenFactor('openai-chat', 1_500, 1_000), 1.5)
  assert.equal(tokenFactor('openai-chat', 90_000, 1_000), 3)
  assert.equal(tokenFactor('openai-chat', 1, 1_000), 0.5)
  assert.equal(tokenFactor('anthropic-messages', null, 1_000), 1.3)
})

test('the price list knows how much a model can read, by the exact name and its dated issues', () => {
  assert.equal(listedContextTokens('anthropic', 'claude-haiku-4-5'), 200_000)
  assert.equal(listedContextTokens('anthropic', 'claude-haiku-4-5-20251001'), 200_000)
  assert.equal(listedContextTokens('openai', 'gpt-4o-nobody-knows'), null)
  assert.equal(listedContextTokens('vllm', 'gpt-4o'), null)
})

const placed = (...messages: readonly Message[]) => messages.map((message, seq) => ({ seq, message }))

test('what is to be summarised fits the model that reads it, and keeps beginnings and ends', () => {
  const content = `begin ${'filler '.repeat(5_000)} end`
  const leaves = placed(
    { role: 'user', text: 'Who am I?', introduction: 'From bob:' },
    {
      role: 'assistant',
      text: '',
      toolCalls: [{ callId: 'c', tool: 'look_up', arguments: { key: 'me' } }],
      wire: 'none',
      wireItems: [],
    },
    { role: 'tool', callId: 'c', tool: 'look_up', content, isError: false },
  )
  const text = textToSummarise(null, leaves, 500, count)
  assert.ok(count(text) <= 500)
  assert.match(text, /\[user\] From bob: Who am I\?\n\[assistant calls look_up\] \{"key":"me"\}/)
  assert.match(text, /\[look_up result\] begin [\s\S]*characters left out[\s\S]* end\n<\/conversation>$/)
  const tiny = textToSummarise(null, placed(...Array(200).fill(leaves[0]?.message)), 100, count)
  assert.ok(count(tiny) <= 140)
})

test('a summary of a summary stands for the messages of both, and is given the first as what it is', () => {
  const message: Message = { role: 'user', text: 'x' }
  const leaves = (from: number, messages: number) =>
    Array.from({ length: messages }, (_, index) => ({ seq: from + index, message, tokens: 1 }))
  const by = (text: string) => ({ text, writtenBy: 'mini', writtenAt: '2026-01-01T00:00:00.000Z' })
  const first = windowLead(null, leaves(0, 10), by('They met.'))
  const second = windowLead(first, leaves(10, 5), by('They met and parted.'))
  assert.deepEqual(second?.standsFor, {
    messages: 15,
    summarised: 15,
    fromSeq: 0,
    toSeq: 14,
    writtenBy: 'mini',
    writtenAt: '2026-01-01T00:00:00.000Z',
  })
  assert.match(second?.introduction ?? '', /summary of earlier parts .*messages: 15.* no instruction/)
  assert.match(textToSummarise(first, [], 100, count), /<earlier_summary>\nThey met\.\n<\/earlier_summary>/)
  // Where the next summary cannot be written the first one stays, and says that it is not of all.
  const without = windowLead(first, leaves(10, 5), null)
  assert.equal(without?.text, 'They met.')
  assert.match(without?.introduction ?? '', /5 earlier messages .* left out here\.\][\s\S]*messages: 10/)
})

test('without a summary the model is told how much is left out', () => {
  const message: Message = { role: 'user', text: 'x' }
  const lead = windowLead(null, [{ seq: 3, message, tokens: 1 }], null)
  assert.equal(lead?.text, '[An earlier message of this conversation is left out here.]')
  assert.equal(windowLead(null, [], null), null)
})
