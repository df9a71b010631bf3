import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPriceBook } from '../../src/activities/models/prices/price-book.ts'
import { toolSpecs } from '../../src/activities/tools/catalog.ts'
import { findPrompt } from '../../src/agents/prompts/find-prompt.ts'
import { AGENTS } from '../../src/agents/registry.ts'
import type { RunBudget } from '../../src/contracts/budget.ts'
import type { PlannedModel } from '../../src/contracts/model.ts'
import { INPUT_TOKEN_ESTIMATE, MIN_CHILD_SHARE, RUN_BUDGETS } from '../../src/policies/budgets.ts'
import { CHEAPER_CHAINS, MODEL_CHAINS, type ModelTier } from '../../src/policies/models.ts'
import { PRICE_OVERRIDES } from '../../src/policies/price-overrides.ts'

const TIERS = Object.keys(MODEL_CHAINS) as ModelTier[]
const BUDGETS: readonly [string, RunBudget][] = Object.entries(RUN_BUDGETS)
const prices = createPriceBook(PRICE_OVERRIDES)

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

test('every run has limits of cost and tokens, and does something when it meets them', () => {
  for (const [name, { limits, softRatio, floorOutputTokens }] of BUDGETS) {
    assert.ok(limits.maxCostMicroUsd && limits.maxTokens, name)
    assert.ok(softRatio > 0 && softRatio < 1, name)
    for (const tier of TIERS) {
      for (const model of MODEL_CHAINS[tier]) assert.ok(floorOutputTokens <= model.maxOutputTokens, name)
    }
  }
})

test('a sub-agent asks for more than the least share, and for less than its parent has', () => {
  const { maxCostMicroUsd, maxTokens, maxModelCalls } = RUN_BUDGETS.research.limits
  const parent = RUN_BUDGETS.support.limits
  assert.ok(MIN_CHILD_SHARE.costMicroUsd < maxCostMicroUsd && maxCostMicroUsd < parent.maxCostMicroUsd)
  assert.ok(MIN_CHILD_SHARE.tokens < maxTokens && maxTokens < parent.maxTokens)
  assert.ok(MIN_CHILD_SHARE.modelCalls < maxModelCalls && maxModelCalls < parent.maxModelCalls)
})

test('the least share covers the worst case of a first call and of one to wrap up', () => {
  const { prompt, tools } = AGENTS.research
  const { floorOutputTokens, softRatio } = RUN_BUDGETS.research
  const words = JSON.stringify([findPrompt(prompt.name, prompt.version), toolSpecs(tools)])
  const task = 2_000
  const input =
    words.length +
    task +
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
