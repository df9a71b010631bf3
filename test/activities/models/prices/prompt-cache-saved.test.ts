import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPriceBook } from '../../../../src/activities/models/prices/price-book.ts'
import { promptCacheSaved } from '../../../../src/activities/models/prices/prompt-cache-saved.ts'
import type { CallUsage } from '../../../../src/contracts/models/usage.ts'
import { PRICE_OVERRIDES } from '../../../../src/policies/models/price-overrides.ts'

const prices = createPriceBook(PRICE_OVERRIDES)

function savedBy(provider: string, model: string, usage: Partial<CallUsage>): number | null {
  const none = {
    inputTokens: 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 10,
    reasoningTokens: 0,
  }
  const call = { provider, model, usage: { ...none, ...usage } }
  return promptCacheSaved(prices, call, prices.price(call))
}

test('what was read saves the difference of both prices', () => {
  // 1 $ a million, 0.1 from the cache.
  const usage = { inputTokens: 100_000, cachedInputTokens: 90_000 }
  assert.equal(savedBy('anthropic', 'claude-haiku-4-5', usage), 81_000)
  // 5 and 0.5.
  assert.equal(savedBy('openai', 'gpt-5.5', usage), 405_000)
})

test('what was written costs more than it saves, and is set off', () => {
  // 1 $ a million, 1.25 into the cache.
  assert.equal(
    savedBy('anthropic', 'claude-haiku-4-5', { inputTokens: 100_000, cacheWriteTokens: 100_000 }),
    -25_000,
  )
  const both = { inputTokens: 100_000, cacheWriteTokens: 10_000, cachedInputTokens: 90_000 }
  assert.equal(savedBy('anthropic', 'claude-haiku-4-5', both), 81_000 - 2_500)
})

test('a call without a cache has saved nothing, and one without a price nothing that is known', () => {
  assert.equal(savedBy('openai', 'gpt-5.5', { inputTokens: 5_000 }), 0)
  assert.equal(savedBy('openai', 'nobody-knows', { inputTokens: 5_000, cachedInputTokens: 4_000 }), null)
})
