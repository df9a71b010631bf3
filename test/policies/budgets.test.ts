import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPriceBook } from '../../src/activities/models/prices/price-book.ts'
import type { PlannedModel } from '../../src/contracts/models/model.ts'
import { DEFAULT_BUDGET } from '../../src/policies/agent-defaults.ts'
import { INPUT_TOKEN_ESTIMATE, MIN_CHILD_SHARE } from '../../src/policies/budgets.ts'
import { CHEAPER_CHAINS, MODEL_CHAINS, type ModelTier } from '../../src/policies/models/models.ts'
import { PRICE_OVERRIDES } from '../../src/policies/models/price-overrides.ts'
import { DELEGATION_INPUT } from '../../src/policies/tool-defaults.ts'

const TIERS = Object.keys(MODEL_CHAINS) as ModelTier[]
const prices = createPriceBook(PRICE_OVERRIDES)

/** Three pages of instructions and twenty tools. */
const INSTRUCTIONS_AND_TOOLS_BYTES = 16_000

function ratesOf({ provider, model }: PlannedModel) {
  // Of inputs as agents of ours have them.
  const rates = prices.worstRates(provider, model)?.[0]
  assert.ok(rates, `the price book does not know ${model}, and a run's budget would keep it from being asked`)
  return rates
}

test('every model that an agent may ask has a price', () => {
  for (const tier of TIERS) {
    for (const model of [...MODEL_CHAINS[tier], ...CHEAPER_CHAINS[tier]]) ratesOf(model)
  }
})

test('the cheaper chain is cheaper: its first model costs at most a third of the usual one', () => {
  for (const tier of TIERS) {
    const [usual] = MODEL_CHAINS[tier]
    for (const model of CHEAPER_CHAINS[tier]) {
      assert.ok(ratesOf(model).outputMicroUsd <= ratesOf(usual).outputMicroUsd / 3, model.model)
      assert.ok(ratesOf(model).inputMicroUsd <= ratesOf(usual).inputMicroUsd / 3, model.model)
    }
  }
})

test('an agent that says nothing has limits of cost and tokens, and does something when it meets them', () => {
  const { limits, softRatio, floorOutputTokens } = DEFAULT_BUDGET
  assert.ok(limits.maxCostMicroUsd && limits.maxTokens)
  assert.ok(softRatio > 0 && softRatio < 1)
  for (const tier of TIERS) {
    for (const model of MODEL_CHAINS[tier]) assert.ok(floorOutputTokens <= model.maxOutputTokens)
  }
})

test('the least share covers the worst case of a large agent’s first call, and of one to wrap up', () => {
  const { floorOutputTokens, softRatio } = DEFAULT_BUDGET
  const input =
    INSTRUCTIONS_AND_TOOLS_BYTES +
    DELEGATION_INPUT.maxTaskCharacters +
    INPUT_TOKEN_ESTIMATE.fixedOverheadTokens +
    INPUT_TOKEN_ESTIMATE.messageOverheadTokens
  for (const model of MODEL_CHAINS.standard) {
    const { inputMicroUsd, outputMicroUsd } = ratesOf(model)
    const cost = (input * inputMicroUsd + floorOutputTokens * outputMicroUsd) / 1e6
    assert.ok(cost <= MIN_CHILD_SHARE.costMicroUsd * softRatio, `${model.model}: ${cost}`)
    assert.ok(2 * cost <= MIN_CHILD_SHARE.costMicroUsd, `${model.model}: ${2 * cost}`)
  }
  assert.ok(2 * (input + floorOutputTokens) <= MIN_CHILD_SHARE.tokens)
})
