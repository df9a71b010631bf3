import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPriceBook } from '../../../../src/activities/models/prices/price-book.ts'
import { routingSaved } from '../../../../src/activities/models/prices/routing-saved.ts'
import type { PlannedModel } from '../../../../src/contracts/models/model.ts'
import type { CallUsage } from '../../../../src/contracts/models/usage.ts'

const prices = createPriceBook({
  version: 'test',
  unlisted: ['openai'],
  models: [
    { provider: 'openai', model: 'large', input: 10_000_000, cachedInput: 1_000_000, output: 50_000_000 },
    { provider: 'openai', model: 'middle', input: 4_000_000, output: 20_000_000 },
    { provider: 'openai', model: 'small', input: 1_000_000, output: 5_000_000 },
  ],
})
const model = (name: string): PlannedModel => ({
  provider: 'openai',
  wire: 'openai-responses',
  model: name,
  maxOutputTokens: 100,
})
const usage: CallUsage = {
  inputTokens: 1_000,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 100,
  reasoningTokens: 0,
}

/** For an answer of this model, where the agent's own chain begins with `own` and its route with `routed`. */
function savedBy(answering: string, own: string, routed: string | null, used = usage): number | null {
  const cost = prices.price({ provider: 'openai', model: answering, usage: used })
  const routes = routed === null ? {} : { routes: [{ chain: [model(routed)] as const }] }
  return routingSaved(prices, { chain: [model(own), model('small')], ...routes }, used, cost)
}

test('an answer of a cheaper model saves what the dearest first model would have cost more for the same tokens', () => {
  // 1,000 tokens in and 100 out are 15,000 micro-USD with the large model, and 1,500 with the small one.
  assert.equal(savedBy('small', 'large', 'small'), 13_500)
  assert.equal(savedBy('small', 'small', 'large'), 13_500, 'whichever of the chains is the dearer one')
  assert.equal(savedBy('middle', 'large', 'small'), 9_000)
})

test('tokens of the prompt cache count as cached at the dearer model, too', () => {
  const cached = { ...usage, cachedInputTokens: 1_000 }
  // 1,000 of 1 $ and 100 of 50 $ a million, less 1,000 of 1 $ and 100 of 5 $.
  assert.equal(savedBy('small', 'large', 'small', cached), 6_000 - 1_500)
})

test('the dearest first model has saved nothing, and a later model that is dearer still less than that', () => {
  assert.equal(savedBy('large', 'large', 'small'), 0)
  assert.equal(savedBy('large', 'middle', 'small'), -9_000)
})

test('an agent without routes has no routing, and without one of the prices nothing is known', () => {
  assert.equal(savedBy('small', 'large', null), null)
  assert.equal(savedBy('small', 'unheard-of', 'small'), null)
  assert.equal(savedBy('unheard-of', 'large', 'small'), null)
})
