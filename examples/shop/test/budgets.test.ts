import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import { DEFAULT_BUDGET } from '../../../src/policies/agent-defaults.ts'
import { INPUT_TOKEN_ESTIMATE, MIN_CHILD_SHARE } from '../../../src/policies/budgets.ts'
import { MODEL_CHAINS } from '../../../src/policies/models.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/price-overrides.ts'
import { shopPlan } from '../../../test/support/shop.ts'
import shop from '../app.ts'

const prices = createPriceBook(PRICE_OVERRIDES)

test('a sub-agent asks for more than the least share, and for less than its parent has', () => {
  const { maxCostMicroUsd = 0, maxTokens = 0, maxModelCalls = 0 } = shopPlan('research').budget?.limits ?? {}
  const parent = shopPlan('support').budget?.limits ?? {}
  assert.ok(MIN_CHILD_SHARE.costMicroUsd < maxCostMicroUsd && maxCostMicroUsd < (parent.maxCostMicroUsd ?? 0))
  assert.ok(MIN_CHILD_SHARE.tokens < maxTokens && maxTokens < (parent.maxTokens ?? 0))
  assert.ok(MIN_CHILD_SHARE.modelCalls < maxModelCalls && maxModelCalls < (parent.maxModelCalls ?? 0))
})

test('the least share covers the worst case of the researcher’s first call and of one to wrap up', () => {
  const { tools } = shopPlan('research')
  const { floorOutputTokens, softRatio } = DEFAULT_BUDGET
  const specs = tools.map(({ name }) => shop.tool(name))
  const words = JSON.stringify([shop.instructions('research', {}), specs])
  const task = 2_000
  const input =
    words.length +
    task +
    INPUT_TOKEN_ESTIMATE.fixedOverheadTokens +
    INPUT_TOKEN_ESTIMATE.messageOverheadTokens
  for (const model of MODEL_CHAINS.standard) {
    const rates = prices.worstRates(model.provider, model.model)?.[0]
    assert.ok(rates, model.model)
    const { inputMicroUsd, outputMicroUsd } = rates
    const cost = (input * inputMicroUsd + floorOutputTokens * outputMicroUsd) / 1e6
    assert.ok(cost <= MIN_CHILD_SHARE.costMicroUsd * softRatio, `${model.model}: ${cost}`)
    assert.ok(2 * cost <= MIN_CHILD_SHARE.costMicroUsd, `${model.model}: ${2 * cost}`)
  }
  assert.ok(2 * (input + floorOutputTokens) <= MIN_CHILD_SHARE.tokens)
})
