import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import { DEFAULT_BUDGET } from '../../../src/policies/agent-defaults.ts'
import { MODEL_CHAINS } from '../../../src/policies/models/models.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/models/price-overrides.ts'
import type { Script } from '../../../src/testing/script.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { askedBy, capOf } from './support/look-ups.ts'

/* A call begins only where its worst case fits, and answers are capped so that it does. Here each answer is the worst case. */

const [{ provider, model, maxOutputTokens }] = MODEL_CHAINS.standard
const { floorOutputTokens } = DEFAULT_BUDGET

describe('the worst case of a call', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  /** The most tokens that the input of a first call can be; all first words here are as long as each other. */
  let most: number
  before(async () => {
    const greedy: Script = (request) => {
      const outputTokens = Number((request.body as { max_output_tokens: number }).max_output_tokens)
      return { text: 'As much as there is.', usage: { inputTokens: most ?? 1, outputTokens } }
    }
    environment = await startEnvironment({ script: greedy })
    caller = createCaller(environment.service.url)
    const { run } = await runWith('measured', {})
    const [row] = await environment.database.query<{ tokens: number }>({
      text: 'select worst_tokens - cap_tokens as tokens from model_attempts where run_id = $1',
      values: [run.id],
    })
    most = row?.tokens ?? 0
  })
  after(() => environment.close())

  async function runWith(words: string, budget: object) {
    assert.equal(words.length, 'measured'.length)
    const { body } = await caller.start({
      agent: 'research',
      input: words,
      budget: { ...budget, on_reached: 'fail' },
    })
    const run = await caller.untilEnd(body.id)
    return { run, caps: askedBy(environment.provider, words).map(capOf), spent: run.budget?.spent }
  }

  test('with enough of everything the cap is the model’s own', async () => {
    const { run, caps } = await runWith('has much', { max_tokens: most + maxOutputTokens })
    assert.deepEqual([run.status, caps], ['completed', [maxOutputTokens]])
  })

  test('the cap is lowered to the tokens that are left, and no limit is passed', async () => {
    for (const [words, cap] of [
      ['one less', maxOutputTokens - 1],
      ['a floor.', floorOutputTokens],
    ] as const) {
      const { run, caps, spent } = await runWith(words, { max_tokens: most + cap })
      assert.deepEqual([run.status, caps, spent?.tokens], ['completed', [cap], most + cap])
    }
  })

  test('the cap is lowered to the money that is left, at the dearest price that there may be', async () => {
    // The input is far below the tier that costs more.
    const rates = createPriceBook(PRICE_OVERRIDES).worstRates(provider, model)?.[0]
    assert.ok(rates)
    const worst = (cap: number) => (most * rates.inputMicroUsd + cap * rates.outputMicroUsd) / 1e6
    for (const [words, cap] of [
      ['a price.', 1_000],
      ['a bottom', floorOutputTokens],
    ] as const) {
      const allowed = Math.ceil(worst(cap))
      const { run, caps, spent } = await runWith(words, { max_cost_micro_usd: allowed })
      assert.deepEqual([run.status, caps], ['completed', [cap]])
      assert.ok((spent?.cost_micro_usd ?? 0) > 0 && (spent?.cost_micro_usd ?? 0) <= allowed)
    }
  })

  test('below the floor nobody is asked', async () => {
    const { run, caps } = await runWith('too low.', { max_tokens: most + floorOutputTokens - 1 })
    assert.deepEqual([run.status, run.reason, run.steps, caps], ['failed', 'budget', 0, []])
    assert.equal(run.usage.model_calls, 0)
  })
})
