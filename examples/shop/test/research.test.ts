import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type StreamedEvent, startTestSystem, type TestRun, type TestSystem } from 'holdfast/testing'
import shop from '../app.ts'
import { seedShop } from '../data/seed-shop.ts'
import SCRIPT from '../script/index.ts'
import { DATABASES } from './each-database.ts'
import { shopPlan } from './shop-plan.ts'

/*
 * A question over all of a customer's orders, as a caller lives it: the front desk hands it to billing, billing has it looked
 * into by research, a run of its own, and answers with the report.
 */

const CUSTOMER = 'local'

type Run = Awaited<ReturnType<TestRun['now']>>

for (const { name: store, skip, options } of DATABASES) {
  describe(`research on ${store}`, { skip }, () => {
    let system: TestSystem
    let caller: Awaited<ReturnType<TestSystem['as']>>
    let started: TestRun
    let run: Run
    let child: Run
    let events: readonly StreamedEvent[]
    before(async () => {
      system = await startTestSystem({ app: shop, seed: seedShop, script: SCRIPT, ...options })
      caller = await system.as(CUSTOMER)
      started = await system.start({
        agent: 'support',
        input: 'Which of my orders can I still send back?',
        as: CUSTOMER,
      })
      run = await started.end()
      events = await started.events()
      const begun = events.find(({ type }) => type === 'sub_agent.started')
      child = await caller.get(`/v1/runs/${String(begun?.data['child_run_id'])}`)
    })
    after(() => system?.close())

    test('the run answers with what its sub-agent reports', async () => {
      assert.deepEqual([run.status, run.agent], ['completed', 'support'])
      assert.match(
        run.output ?? '',
        /^I have gone through your orders\.\n\nOf 8 orders, 3 can still be returned\./,
      )
      const messages = await started.transcript()
      const report = messages.find(({ tool }) => tool === 'research')
      assert.equal(JSON.parse(report?.content ?? '').answer, child.output)
    })

    test('its events say who had the run, and what was done for it elsewhere', () => {
      const types = events.map(({ type }) => type)
      for (const type of ['agent.handed_off', 'sub_agent.started', 'sub_agent.completed']) {
        assert.equal(types.filter((one) => one === type).length, 1, type)
      }
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_, index) => index + 1),
      )
    })

    test('the sub-agent is a run of its own, with its parent’s customer and its own agent, and only reads', async () => {
      assert.deepEqual([child.status, child.agent, child.principal], ['completed', 'research', CUSTOMER])
      assert.equal(child.parent_run_id, run.id)
      const used = new Set<string>()
      for await (const { type, data } of caller.events(child.id)) {
        if (type === 'tool.completed') used.add(String(data['tool']))
      }
      assert.deepEqual([...used].sort(), ['get_order', 'list_orders', 'read_article', 'search_help'])
    })

    test('what it used is its parent’s to the token, and was within its share', () => {
      const own = 3
      assert.equal(run.usage.model_calls, own + child.usage.model_calls)
      assert.equal(run.usage.tool_calls, 1 + child.usage.tool_calls)
      assert.ok((run.usage.cost_micro_usd ?? 0) > (child.usage.cost_micro_usd ?? 0))
      assert.ok(run.usage.input_tokens > child.usage.input_tokens)
      assert.ok(
        (child.usage.cost_micro_usd ?? 0) <= Number(shopPlan('research').budget?.limits.maxCostMicroUsd),
      )
      const { cost_micro_usd: _, tool_calls: __, prompt_cache_saved_micro_usd: ___, ...used } = run.usage
      assert.deepEqual(used, chargedFor(system))
    })

    test('the books by agent, model, principal and day all come to the same', async () => {
      const { tool_calls: _, ...used } = run.usage
      const names = Object.keys(used) as (keyof typeof used)[]
      for (const group of ['agent', 'model', 'principal', 'day']) {
        const { data } = await caller.get<{ data: UsageRow[] }>(`/v1/usage?group_by=${group}`)
        const sums = names.map((name) => [name, data.reduce((total, row) => total + row[name], 0)])
        assert.deepEqual(Object.fromEntries(sums), used, group)
        if (group === 'agent') assert.deepEqual(data.map(({ key }) => key).sort(), ['research', 'support'])
      }
    })
  })
}

type UsageRow = { readonly key: string } & Readonly<Record<Exclude<keyof Run['usage'], 'tool_calls'>, number>>

/** What the provider wants paid for, of the requests that it answered to their end. */
function chargedFor({ modelCalls }: TestSystem) {
  const charged = modelCalls.flatMap((call) => call.charged ?? [])
  return {
    input_tokens: charged.reduce((total, { inputTokens }) => total + inputTokens, 0),
    cached_input_tokens: charged.reduce((total, { cachedInputTokens }) => total + cachedInputTokens, 0),
    output_tokens: charged.reduce((total, { outputTokens }) => total + outputTokens, 0),
    model_calls: charged.length,
  }
}
