import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createPriceBook } from '../../src/activities/models/prices/price-book.ts'
import type { App } from '../../src/app/app.ts'
import type { PlannedModel } from '../../src/contracts/model.ts'
import type { RunPlan } from '../../src/contracts/plan.ts'
import { PRICE_OVERRIDES } from '../../src/policies/price-overrides.ts'
import { modelGaps } from '../../src/worker/model-gaps.ts'

const model = (provider: PlannedModel['provider'], name: string): PlannedModel => ({
  provider,
  wire: provider === 'openai' ? 'openai-chat' : 'anthropic-messages',
  model: name,
  maxOutputTokens: 1_000,
})

function plan(name: string, chain: readonly PlannedModel[], rest: object = {}): RunPlan {
  return { agent: { name, version: 'v1' }, chain, budget: { onUnknownPrice: 'deny' }, ...rest } as RunPlan
}

function appOf(...plans: readonly RunPlan[]): Pick<App, 'agents' | 'plan'> {
  return {
    agents: plans.map(({ agent }) => ({ ...agent, purpose: '' })),
    plan: (name) => plans.find(({ agent }) => agent.name === name) ?? null,
  }
}

const prices = createPriceBook(PRICE_OVERRIDES)
const key = { apiKey: 'x' }
const both = { openai: key, anthropic: key }

describe('what the models of an application lack', () => {
  it('is nothing where every provider has a key and every model a price', () => {
    const app = appOf(plan('desk', [model('openai', 'gpt-5.5'), model('anthropic', 'claude-haiku-4-5')]))
    assert.deepEqual(modelGaps(app, { providers: both, prices }), [])
  })

  it('is the key of a provider, once a model, with every agent that has it: chains, cheaper ones, team and sub-agents', () => {
    const haiku = [model('anthropic', 'claude-haiku-4-5')]
    const main = [model('openai', 'gpt-5.5')]
    const app = appOf(
      plan('desk', main, {
        cheaperChain: haiku,
        specialists: { money: plan('money', haiku) },
        subAgents: { search: plan('search', haiku) },
      }),
      plan('chat', main),
    )
    const gaps = modelGaps(app, { providers: { openai: key, anthropic: null }, prices })
    assert.deepEqual(
      gaps.map(({ lacks, agents }) => ({ lacks, agents })),
      [{ lacks: 'key', agents: ['desk', 'money', 'search'] }],
    )
    assert.match(
      String(gaps[0]?.text),
      /^anthropic has no key, so anthropic\/claude-haiku-4-5 cannot .*Set ANTHROPIC_API_KEY\.$/,
    )
  })

  it('is a price, with the row that mends it', () => {
    const app = appOf(plan('desk', [model('openai', 'llama-of-ours')]))
    const [gap, ...rest] = modelGaps(app, { providers: both, prices })
    assert.deepEqual(rest, [])
    assert.equal(gap?.refuses, true)
    const [, row = ''] = /model_price_unknown.*HOLDFAST_PRICES: (\{.*\})$/.exec(String(gap?.text)) ?? []
    const mended = createPriceBook({ version: '1', models: [JSON.parse(row)] })
    assert.deepEqual(modelGaps(app, { providers: both, prices: mended }), [])
  })

  it('does not refuse a call without a price where the budget allows it', () => {
    const app = appOf(
      plan('desk', [model('openai', 'llama-of-ours')], { budget: { onUnknownPrice: 'allow' } }),
    )
    assert.equal(modelGaps(app, { providers: both, prices })[0]?.refuses, false)
  })
})
