import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { WRAP_UP } from '../../../src/policies/budgets.ts'
import { ENDING_WORDS } from '../../../src/policies/endings.ts'
import { CHEAPER_CHAINS, MODEL_CHAINS } from '../../../src/policies/models/models.ts'
import type { RecordedRequest } from '../../../src/testing/recorded-request.ts'
import { firstWords } from '../../support/office/words.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { askedBy, assertEachStepOnce, capOf, lookUps, STEP, WRAPPED_UP } from './support/look-ups.ts'

/* What a run does that reaches its budget and does not wait. Each step costs 20,000 micro-USD and one look-up. */

const [{ model: DEAR, maxOutputTokens: CAP }] = MODEL_CHAINS.standard
const [{ model: CHEAP }] = CHEAPER_CHAINS.standard

/** What a run tells that ends at its budget without an answer, after so many steps. */
const whatThereIs = (steps: number) => `${ENDING_WORDS.budget}\n\nThe last words were: Step ${steps}.`

/** A run of these words takes its time for every step. */
const SLOW_STEP_MS = 150

describe('a run that reaches its budget', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  before(async () => {
    const usual = lookUps(async (words) => words.includes('slow') && delay(SLOW_STEP_MS))
    environment = await startEnvironment({
      script: (request) =>
        firstWords(request.messages) === 'broken' ? { fault: { status: 500 } } : usual(request),
    })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  /** Runs six steps, or so many, or as far as the budget lets it. */
  async function runWith(budget: object, name = Object.values(budget).join(' '), steps = 6) {
    const words = `${steps} steps of 1, ${name}`
    const started = await caller.start({ agent: 'research', input: words, budget })
    assert.equal(started.status, 202, started.text)
    const run = await caller.untilEnd(started.body.id)
    const asked = askedBy(environment.provider, words)
    assertEachStepOnce(asked)
    const told = (await caller.events(run.id)).flatMap(({ type }) =>
      type.startsWith('budget.') ? [type] : [],
    )
    assert.equal(run.usage.model_calls, asked.length)
    return { run, asked, told }
  }

  /** The last call of a run with `finish`: what there is has to be said in it. */
  function assertLastCall(asked: readonly RecordedRequest[]): void {
    const last = asked.at(-1)
    assert.deepEqual([last?.tools, last?.system.endsWith(WRAP_UP)], [[], true])
    for (const { tools, system } of asked.slice(0, -1)) {
      assert.ok(tools.length > 0 && !system.includes(WRAP_UP))
    }
  }

  test('with degrade it goes on with the cheaper models, from the step that the dear one is too dear for', async () => {
    const { run, asked, told } = await runWith({ max_cost_micro_usd: 140_000, on_reached: 'degrade' })
    assert.deepEqual([run.status, run.output, run.served_by], ['completed', 'All 6 steps are taken.', CHEAP])
    assert.deepEqual(told, ['budget.reached', 'budget.degraded'])
    const models = asked.map(({ model }) => model)
    const dear = models.indexOf(CHEAP)
    assert.ok(dear > 1)
    assert.deepEqual(models, [...Array(dear).fill(DEAR), ...Array(7 - dear).fill(CHEAP)])
    assert.equal(run.usage.cost_micro_usd, dear * STEP.microUsd + (7 - dear) * STEP.cheapMicroUsd)
    assert.ok((run.usage.cost_micro_usd ?? 0) <= 140_000)
  })

  test('with degrade and no money for the cheaper models either, it ends as with finish', async () => {
    const budget = { max_cost_micro_usd: 55_000, soft_ratio: 0.99, on_reached: 'degrade' }
    const { run, asked, told } = await runWith(budget, 'degrade, and out', 11)
    assert.deepEqual([run.status, run.reason], ['incomplete', 'budget'])
    const way = ['reached', 'degraded', 'reached', 'finishing'].map((one) => `budget.${one}`)
    assert.deepEqual(told.slice(0, way.length), way)
    assert.equal(asked.at(-1)?.model, CHEAP)
    assert.ok((run.usage.cost_micro_usd ?? 0) <= 55_000)
  })

  test('with finish its last call has no tools, and all that is left', async () => {
    const { run, asked, told } = await runWith({
      max_cost_micro_usd: 161_500,
      soft_ratio: 0.5,
      on_reached: 'finish',
    })
    assert.deepEqual([run.status, run.reason, run.output], ['incomplete', 'budget', WRAPPED_UP])
    assert.deepEqual(told, ['budget.reached', 'budget.finishing'])
    assertLastCall(asked)
    assert.equal(run.steps, asked.length)
    assert.equal(run.usage.cost_micro_usd, asked.length * STEP.microUsd)
    assert.equal((await caller.messages(run.id)).at(-1)?.content, WRAPPED_UP)
    const [beforeLast = 0, last = 0] = asked.slice(-2).map(capOf)
    assert.ok(last > beforeLast && last < CAP, `${beforeLast} tokens, then ${last}`)
  })

  test('with finish and nothing kept back for it, the answer is what there is', async () => {
    const budget = { max_cost_micro_usd: 90_000, on_reached: 'finish', soft_ratio: 1 }
    const { run, asked } = await runWith(budget)
    const output = whatThereIs(asked.length)
    assert.deepEqual([run.status, run.reason, run.output], ['incomplete', 'budget', output])
    assert.ok(asked.length > 1 && asked.every(({ tools }) => tools.length > 0))
    assert.equal(run.steps, asked.length)
    assert.equal((await caller.messages(run.id)).at(-1)?.content, output)
  })

  test('with fail it fails, and says why', async () => {
    const { run, asked, told } = await runWith({ max_cost_micro_usd: 110_000, on_reached: 'fail' })
    assert.deepEqual([run.status, run.reason, run.error?.code], ['failed', 'budget', 'budget_reached'])
    assert.deepEqual([run.steps, run.output], [asked.length, whatThereIs(asked.length)])
    assert.ok(asked.length > 1 && asked.length < 7)
    assert.deepEqual(told, ['budget.threshold', 'budget.reached'])
  })

  for (const [limit, most] of [
    ['max_model_calls', { calls: 4, tools: 4 }],
    ['max_steps', { calls: 4, tools: 4 }],
    ['max_tool_calls', { calls: 5, tools: 4 }],
  ] as const) {
    test(`${limit} is a limit too: a run fails at it`, async () => {
      const { run, asked } = await runWith({ [limit]: 4, on_reached: 'fail' }, `fail at ${limit}`)
      assert.deepEqual([run.status, run.reason, run.error?.code], ['failed', 'budget', 'budget_reached'])
      assert.deepEqual({ calls: asked.length, tools: run.usage.tool_calls }, most)
    })

    for (const on_reached of ['finish', 'degrade']) {
      test(`with ${on_reached} at ${limit}, the last one that it allows is for the answer`, async () => {
        const { run, asked } = await runWith({ [limit]: 4, on_reached }, `${on_reached} at ${limit}`)
        assert.deepEqual([run.status, run.reason, run.output], ['incomplete', 'budget', WRAPPED_UP])
        assertLastCall(asked)
        // Tool calls leave the calls of models alone: the one too many is refused, and the last call is told so.
        const isTools = limit === 'max_tool_calls'
        assert.equal(asked.length, isTools ? most.calls + 1 : 4)
        assert.equal(run.usage.tool_calls, isTools ? 4 : 3)
        const told = (await caller.messages(run.id)).findLast(({ role }) => role === 'tool')
        assert.equal(
          JSON.parse(told?.content ?? '').error,
          isTools ? 'tool_budget_reached' : 'tool_not_found',
        )
      })
    }
  }

  test('the run’s own time is a limit too, at which it fails or answers', async () => {
    const [failed, finished] = await Promise.all([
      runWith({ max_active_ms: 200, on_reached: 'fail' }, 'slow, and fails'),
      // A last call may begin until the whole of it is over.
      runWith({ max_active_ms: 20_000, soft_ratio: 0.01, on_reached: 'finish' }, 'slow, and answers'),
    ])
    assert.deepEqual([failed.run.status, failed.run.reason], ['failed', 'budget'])
    assert.deepEqual([finished.run.reason, finished.run.output], ['budget', WRAPPED_UP])
    assertLastCall(finished.asked)
    // Two calls take longer, so that a third does not begin.
    assert.ok(failed.asked.length <= 2 && finished.asked.length <= 3)
  })

  test('attempts that failed are calls of models too', async () => {
    const words = 'broken'
    const budget = { max_model_calls: 3, on_reached: 'fail' }
    const { body } = await caller.start({ agent: 'research', input: words, budget })
    const run = await caller.untilEnd(body.id)
    assert.deepEqual([run.status, run.reason], ['failed', 'budget'])
    assert.equal(askedBy(environment.provider, words).length, 3)
    assert.deepEqual([run.usage.model_calls, run.budget?.spent.model_calls], [0, 3])
  })
})
