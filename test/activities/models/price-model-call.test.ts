import assert from 'node:assert/strict'
import { test } from 'node:test'
import { priceModelCall } from '../../../src/activities/models/price-model-call.ts'
import type { CallUsage } from '../../../src/contracts/usage.ts'
import { MODEL_CHAINS } from '../../../src/policies/models.ts'

const USAGE: CallUsage = {
  inputTokens: 100_000,
  cachedInputTokens: 40_000,
  cacheWriteTokens: 10_000,
  outputTokens: 1_000,
  reasoningTokens: 500,
}

test('every model of the chains has a price', () => {
  for (const chain of Object.values(MODEL_CHAINS)) {
    for (const { provider, model } of chain) {
      const cost = priceModelCall({ provider, model, usage: USAGE })
      assert.ok(cost !== null && Number.isInteger(cost) && cost > 0, `${model}: ${cost}`)
    }
  }
})

test('cached input costs less, a cache write more, and the input is not counted twice', () => {
  // Claude Haiku 4.5 by the list: 1 $ a million of input, 0.1 cached, 1.25 written, 5 of output.
  const cost = priceModelCall({ provider: 'anthropic', model: 'claude-haiku-4-5', usage: USAGE })
  assert.equal(cost, 50_000 * 1 + 40_000 * 0.1 + 10_000 * 1.25 + 1_000 * 5)
})

test('a dated issue of a model has the model’s price', () => {
  const usage = USAGE
  assert.equal(
    priceModelCall({ provider: 'anthropic', model: 'claude-haiku-4-5-20251001', usage }),
    priceModelCall({ provider: 'anthropic', model: 'claude-haiku-4-5', usage }),
  )
})

for (const [provider, model] of [
  ['openai', 'llama3.3:70b'],
  ['openai', 'gpt-5.5-mini-next'],
  ['anthropic', 'claude-haiku-4-5-turbo'],
  ['anthropic', 'gpt-5.5'],
  ['anthropic', ''],
] as const) {
  test(`${provider} "${model}" has no known price, and none is guessed from a name alike`, () => {
    assert.equal(priceModelCall({ provider, model, usage: USAGE }), null)
  })
}

test('a server that reports no usage gives no price', () => {
  assert.equal(
    priceModelCall({ provider: 'openai', model: 'gpt-5.5', usage: { ...USAGE, inputTokens: 0 } }),
    null,
  )
})
