import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { UsageRowResource } from '../../../src/api/budgets/usage.schema.ts'
import type { OnUnknownPrice, RunBudget } from '../../../src/contracts/budgets/budget.ts'
import type { PlannedModel } from '../../../src/contracts/models/model.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import { DEFAULT_BUDGET } from '../../../src/policies/agent-defaults.ts'
import { officePlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { detailsOf } from './support/details.ts'
import { askedBy, assertEachStepOnce, lookUps, STEP } from './support/look-ups.ts'

/* A model that is on no price list, first in the chain of a run. */

const MYSTERY: PlannedModel = {
  provider: 'openai',
  wire: 'openai-chat',
  model: 'mystery-9',
  maxOutputTokens: 1_000,
}
const [, KNOWN] = officePlan('research').chain
const COST = { maxCostMicroUsd: 1_000_000 }

describe('a model whose price nobody knows', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  before(async () => {
    environment = await startEnvironment({ script: lookUps() })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  async function start(
    onUnknownPrice: OnUnknownPrice,
    { chain = [MYSTERY], ...budget }: Partial<RunBudget> & { chain?: RunPlan['chain'] },
  ) {
    const words = `3 steps of 1, ${onUnknownPrice} ${JSON.stringify(budget)} ${chain.length}`
    const plan = officePlan('research')
    const whole = { ...DEFAULT_BUDGET, onReached: 'pause', ...budget, onUnknownPrice } as const
    const started = await environment.startPlan({ ...plan, chain, budget: whole }, words)
    return { ...started, models: () => askedBy(environment.provider, words).map(({ model }) => model), words }
  }

  test('deny: it is passed over for the next model, in each step, and that is told', async () => {
    assert.ok(KNOWN)
    const { runId, models } = await start('deny', { limits: COST, chain: [MYSTERY, KNOWN] })
    const run = await caller.untilEnd(runId)
    assert.deepEqual([run.status, run.served_by], ['completed', KNOWN.model])
    assert.deepEqual(models(), Array(4).fill(KNOWN.model))
    assert.ok((run.usage.cost_micro_usd ?? 0) > 0)
    const failed = (await caller.events(runId)).filter(({ type }) => type === 'model.failed')
    assert.deepEqual(
      failed.map(({ data }) => `${data['step']} ${data['model']} ${data['code']}`),
      [1, 2, 3, 4].map((step) => `${step} mystery-9 model_price_unknown`),
    )
  })

  for (const [onUnknownPrice, name] of [
    ['deny', 'deny, with no other model'],
    ['count_tokens', 'count_tokens, with no limit of tokens'],
  ] as const) {
    test(`${name}: nobody is asked, and the agent’s own words are the answer`, async () => {
      const { runId, models } = await start(onUnknownPrice, { limits: COST })
      const run = await caller.untilEnd(runId)
      const { degradedAnswer } = officePlan('research')
      assert.deepEqual(
        [run.status, run.reason, run.output],
        ['incomplete', 'model_price_unknown', degradedAnswer],
      )
      assert.deepEqual(models(), [])
      assert.deepEqual([run.usage.cost_micro_usd, run.budget?.spent.model_calls], [0, 0])
    })
  }

  test('deny, with no limit of costs: there is nothing to hold it to, so it is asked', async () => {
    const { runId, models } = await start('deny', { limits: { maxTokens: 100_000 } })
    const run = await caller.untilEnd(runId)
    assert.deepEqual([run.status, models().length], ['completed', 4])
    assert.equal(run.usage.cost_micro_usd, null)
  })

  test('count_tokens: it is asked, and the limit of tokens holds it', async () => {
    const { runId, words, workflowId } = await start('count_tokens', {
      limits: { ...COST, maxTokens: 6_500 },
    })
    const reached = await caller.until(runId, 'budget.reached')
    assert.deepEqual([reached['limit'], reached['allowed']], ['tokens', 6_500])
    const { budget, steps } = await caller.run(runId)
    assert.equal(budget?.spent.cost_micro_usd, null)
    assert.equal(budget?.spent.tokens, steps * (STEP.inputTokens + STEP.outputTokens))
    await detailsOf(environment.temporal.client, workflowId, /\| budget \| price unknown of 1\.000000 USD \|/)
    await caller.changeBudget(runId, { max_tokens: 50_000 })
    const run = await caller.untilEnd(runId)
    assert.deepEqual([run.status, run.usage.cost_micro_usd], ['completed', null])
    assertEachStepOnce(askedBy(environment.provider, words))
  })

  test('allow: it is asked, and in the books as of no known price', async () => {
    const { runId, models } = await start('allow', { limits: COST })
    const run = await caller.untilEnd(runId)
    assert.deepEqual([run.status, run.served_by, models().length], ['completed', 'mystery-9', 4])
    assert.equal(run.usage.cost_micro_usd, null)
    const usage = await caller.get<{ data: UsageRowResource[] }>('/usage?group_by=model')
    const row = usage.body.data.find(({ key }) => key === 'openai/mystery-9')
    assert.equal(row?.cost_micro_usd, 0)
    // The tests beside this one may have attempts under way, which count as neither.
    assert.ok(row.unpriced_attempts >= 4 && row.unpriced_attempts === row.model_calls)
  })
})
