import assert from 'node:assert/strict'
import { test } from 'node:test'
import { message as messageSchema } from '../../../src/api/runs/message.schema.ts'
import { run as runSchema } from '../../../src/api/runs/run.schema.ts'
import type { BudgetChange } from '../../../src/contracts/budgets/budget.ts'
import { DEFAULT_BUDGET } from '../../../src/policies/agent-defaults.ts'
import { budget as budgetSignal } from '../../../src/workflows/agent-run.messages.ts'
import { wordsOf } from '../../support/office/words.ts'
import { officePlan } from '../../support/office.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { createCaller } from './support/caller.ts'
import { detailsOf } from './support/details.ts'
import { askedBy, assertEachStepOnce, chargedFor, lookUps, STEP } from './support/look-ups.ts'

/* A run that waits for its own budget, and what can become of it. Each step costs 20,000 micro-USD and one look-up. */

/** Covers some of the steps' worst cases and not all. */
const LITTLE = 78_000

for (const store of ['pglite', 'postgres'] as const) {
  test(`a run that waits for its budget on ${store}`, { concurrency: true }, async (t) => {
    const environment = await startEnvironment({ store, script: lookUps() })
    t.after(() => environment.close())
    const { provider, temporal } = environment
    const caller = createCaller(environment.service.url)

    /** Starts a run whose budget is too small, and waits until it waits. */
    async function startShort(name: string, limits: object = { max_cost_micro_usd: LITTLE }, calls = 1) {
      const words = `6 steps of ${calls}, ${name}`
      const { body } = await caller.start(
        { agent: 'research', input: words, budget: { ...limits, on_reached: 'pause' } },
        { 'idempotency-key': `short-${store}-${name}` },
      )
      const reached = await caller.until(body.id, 'budget.reached')
      const workflow = temporal.client.workflow.getHandle(`research/default/short-${store}-${name}`)
      return { id: body.id, words, reached, workflow, paused: await caller.run(body.id) }
    }

    /** All six steps are in the transcript and in the provider's book once, and are paid for once. */
    async function assertWhole(id: string, words: string): Promise<void> {
      const run = await caller.run(id)
      assert.deepEqual([run.status, run.output, run.steps], ['completed', 'All 6 steps are taken.', 7])
      const asked = askedBy(provider, words)
      assertEachStepOnce(asked)
      const spoken = (await caller.messages(id)).filter(({ role }) => role === 'assistant')
      assert.deepEqual(
        spoken.map(({ content }) => content),
        [1, 2, 3, 4, 5, 6].map((step) => `Step ${step}.`).concat('All 6 steps are taken.'),
      )
      const { cost_micro_usd, tool_calls, prompt_cache_saved_micro_usd: _, ...used } = run.usage
      assert.deepEqual(used, chargedFor(asked))
      assert.equal(cost_micro_usd, 7 * STEP.microUsd)
      assert.equal(run.budget?.spent.cost_micro_usd, cost_micro_usd)
      assert.equal(run.budget?.held_micro_usd, 0)
    }

    await Promise.all([
      t.test(
        'it says what is missing, to callers and in the Web UI; topped up, it repeats no step',
        async () => {
          const { id, words, reached, workflow, paused } = await startShort('rest')
          const { status, reason, required_action, budget, steps } = runSchema.parse(paused)
          assert.deepEqual([status, reason], ['requires_action', 'budget'])
          assert.ok(required_action?.type === 'budget')
          const { expires_at, used, ...what } = required_action
          assert.deepEqual(what, { type: 'budget', scope: 'run', limit: 'cost', allowed: LITTLE })
          const waitsMs = Date.parse(expires_at) - Date.now()
          assert.ok(Math.abs(waitsMs - DEFAULT_BUDGET.pauseMs) < 60_000)
          assert.deepEqual([reached['used'], reached['expires_at']], [used, expires_at])

          assert.ok(steps > 1 && steps < 6)
          assert.deepEqual(budget?.spent, {
            cost_micro_usd: steps * STEP.microUsd,
            unknown_micro_usd: 0,
            tokens: steps * (STEP.inputTokens + STEP.outputTokens),
            model_calls: steps,
          })
          assert.equal(used, steps * STEP.microUsd)
          assert.equal(askedBy(provider, words).length, steps)

          const details = await detailsOf(temporal.client, workflow.workflowId, /waits for its budget/)
          const amounts = `0\\.0${used} USD of 0\\.078000 USD`
          assert.match(details, /\*\*requires_action\*\*/)
          assert.match(
            details,
            new RegExp(`doing \\| waits for its budget: the run's cost, ${amounts} used \\|`),
          )
          assert.match(details, new RegExp(`\\| budget \\| ${amounts} \\|`))
          assert.match(details, new RegExp(`\\| budget of tokens \\| ${steps * 1_500} of 500000 \\|`))

          const changed = await caller.changeBudget(id, { add: { cost_micro_usd: 100_000 } })
          assert.equal(changed.status, 200)
          assert.equal(runSchema.parse(changed.body).budget?.limits.max_cost_micro_usd, LITTLE + 100_000)
          assert.equal((await caller.untilEnd(id)).required_action, undefined)
          await assertWhole(id, words)
          for (const message of await caller.messages(id)) messageSchema.parse(message)
          const told = (await caller.events(id)).filter(({ type }) => type.startsWith('budget.'))
          assert.deepEqual(
            told.map(({ type, data }) => `${type} ${data['by'] ?? ''}`.trim()),
            ['budget.reached', 'budget.changed local', 'budget.resumed'],
          )
        },
      ),

      t.test('a top-up by signal counts like one over HTTP; one too small lets it wait on', async () => {
        const { id, words, workflow } = await startShort('signal')
        const change: BudgetChange = { id: 'chg_small', by: 'operator', add: { maxCostMicroUsd: 1 } }
        await workflow.signal(budgetSignal, change)
        const again = await caller.until(id, 'budget.reached', 2)
        assert.deepEqual([again['limit'], again['allowed']], ['cost', LITTLE + 1])
        assert.equal((await caller.run(id)).status, 'requires_action')
        await workflow.signal(budgetSignal, change)
        await workflow.signal(budgetSignal, { by: 'operator', limits: { maxCostMicroUsd: 300_000 } })
        const run = await caller.untilEnd(id)
        assert.equal(run.budget?.limits.max_cost_micro_usd, 300_000)
        await assertWhole(id, words)
        const changes = (await caller.events(id)).filter(({ type }) => type === 'budget.changed')
        assert.deepEqual(
          changes.map(({ data }) => data['by']),
          ['operator', 'operator'],
        )
      }),

      t.test('the same request with its key counts once', async () => {
        const { id, words } = await startShort('key')
        const more = () =>
          caller.changeBudget(id, { add: { cost_micro_usd: 100_000 } }, { 'idempotency-key': 'more' })
        const answers = await Promise.all([more(), more(), more()])
        assert.deepEqual(
          answers.map(({ status, body }) => [status, body.budget?.limits.max_cost_micro_usd]),
          Array(3).fill([200, LITTLE + 100_000]),
        )
        await caller.untilEnd(id)
        await assertWhole(id, words)
      }),

      t.test(
        'a call beyond the tool calls that are left waits too, and is made once there is more',
        async () => {
          const limits = { max_tool_calls: 5 }
          const { id, words, reached, workflow } = await startShort('calls', limits, 2)
          assert.deepEqual([reached['limit'], reached['allowed'], reached['used']], ['tool_calls', 5, 5])
          assert.equal(askedBy(provider, words).length, 3)
          await detailsOf(temporal.client, workflow.workflowId, /the run's tool calls, 5 of 5 used/)
          assert.equal((await caller.changeBudget(id, { add: { tool_calls: 7 } })).status, 200)
          await caller.untilEnd(id)
          await assertWhole(id, words)
          const results = (await caller.messages(id)).filter(({ role }) => role === 'tool')
          assert.deepEqual(
            results.map(({ content }) => JSON.parse(content).error),
            Array(12).fill('tool_not_found'),
          )
          assert.equal((await caller.run(id)).usage.tool_calls, 12)
        },
      ),

      t.test('what is said while it waits is shown to the model when it goes on', async () => {
        const { id, words } = await startShort('words')
        await caller.say(id, 'Take your time.')
        await caller.changeBudget(id, { add: { cost_micro_usd: 100_000 } })
        await caller.untilEnd(id)
        await assertWhole(id, words)
        const shown = askedBy(provider, words)
          .at(-1)
          ?.messages.filter(({ role }) => role === 'user')
        assert.deepEqual(shown?.map(wordsOf), [words, 'Take your time.'])
      }),

      t.test('with less than it has spent it waits on; a cancel ends it, and it takes no more', async () => {
        const { id, words, paused } = await startShort('less')
        const less = await caller.changeBudget(id, { max_cost_micro_usd: 1 })
        assert.deepEqual([less.status, less.body.budget?.limits.max_cost_micro_usd], [200, 1])
        assert.equal((await caller.until(id, 'budget.reached', 2))['allowed'], 1)
        assert.equal((await caller.cancel(id)).status, 202)
        const run = await caller.untilEnd(id)
        assert.deepEqual([run.status, run.reason, run.steps], ['cancelled', 'cancel_requested', paused.steps])
        assert.deepEqual([run.required_action, run.usage], [undefined, paused.usage])
        const late = await caller.changeBudget(id, { add: { cost_micro_usd: 100_000 } })
        assert.deepEqual([late.status, late.body.code], [409, 'run_ended'])
        assert.equal(askedBy(provider, words).length, paused.steps)
      }),

      t.test('when nobody tops it up in its time, it ends as expired', async () => {
        const plan = officePlan('research', { budget: { limits: { maxCostMicroUsd: LITTLE } } })
        const budget = { ...DEFAULT_BUDGET, ...plan.budget, onReached: 'pause', pauseMs: 400 } as const
        const words = '6 steps of 1, forgotten'
        const { runId } = await environment.startPlan({ ...plan, budget }, words)
        const run = await caller.untilEnd(runId)
        assert.deepEqual([run.status, run.reason], ['expired', 'budget'])
        assert.match(run.output ?? '', /did not cover the next step/)
        assert.equal(run.required_action, undefined)
        assert.equal(run.steps, askedBy(provider, words).length)
        assert.equal(run.usage.cost_micro_usd, run.steps * STEP.microUsd)
      }),
    ])
  })
}
