import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { UsageRowResource } from '../../src/api/budgets/usage.schema.ts'
import { type EventResource, event as eventSchema } from '../../src/api/events/event.schema.ts'
import { type RunResource, run as runSchema } from '../../src/api/runs/run.schema.ts'
import { type Environment, startEnvironment } from '../support/environment.ts'
import { shopPlan } from '../support/shop.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { chargedFor } from './support/look-ups.ts'

/*
 * A question over all of a customer's orders, as a caller lives it: the front desk hands it to billing, billing has it looked
 * into by research, a run of its own, and answers with the report.
 */

for (const store of ['pglite', 'postgres'] as const) {
  describe(`research on ${store}`, () => {
    let environment: Environment
    let caller: Caller
    let run: RunResource
    let child: RunResource
    let events: readonly EventResource[]
    before(async () => {
      environment = await startEnvironment({ store })
      caller = createCaller(environment.service.url)
      const started = await caller.start({
        agent: 'support',
        input: 'Which of my orders can I still send back?',
      })
      run = await caller.untilEnd(started.body.id)
      events = (await caller.events(run.id)).map((one) => eventSchema.parse(one))
      const begun = events.find(({ type }) => type === 'sub_agent.started')
      child = runSchema.parse(await caller.run(String(begun?.data['child_run_id'])))
    })
    after(() => environment.close())

    test('the run answers with what its sub-agent reports', async () => {
      assert.deepEqual([run.status, run.agent], ['completed', 'support'])
      assert.match(
        run.output ?? '',
        /^I have gone through your orders\.\n\nOf 8 orders, 3 can still be returned\./,
      )
      const messages = await caller.messages(run.id)
      const report = messages.find(({ tool }) => tool === 'research')
      assert.equal(JSON.parse(report?.content ?? '').answer, child.output)
    })

    test('its events say who had the run, and what was done for it elsewhere', () => {
      const types = events.map(({ type }) => type)
      for (const type of ['agent.handed_off', 'sub_agent.started', 'sub_agent.completed'] as const) {
        assert.equal(types.filter((one) => one === type).length, 1, type)
      }
      assert.deepEqual(
        events.map(({ seq }) => seq),
        events.map((_, index) => index + 1),
      )
    })

    test('the sub-agent is a run of its own, with its parent’s customer and its own agent, and only reads', async () => {
      assert.deepEqual([child.status, child.agent], ['completed', 'research'])
      assert.equal(child.parent_run_id, run.id)
      const used = (await caller.events(child.id)).flatMap(({ type, data }) =>
        type === 'tool.completed' ? [String(data['tool'])] : [],
      )
      const readers = ['get_order', 'list_orders', 'read_article', 'search_help']
      assert.deepEqual([...new Set(used)].sort(), readers)
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
      const { cost_micro_usd: _, tool_calls: __, ...used } = run.usage
      assert.deepEqual(used, chargedFor(environment.provider.requests))
    })

    test('the books by agent, model, principal and day all come to the same', async () => {
      const { tool_calls: _, ...used } = run.usage
      for (const group of ['agent', 'model', 'principal', 'day']) {
        const { data } = (await caller.get<{ data: UsageRowResource[] }>(`/usage?group_by=${group}`)).body
        const sum = (name: keyof typeof used) => data.reduce((total, row) => total + row[name], 0)
        const names = Object.keys(used) as (keyof typeof used)[]
        assert.deepEqual(Object.fromEntries(names.map((name) => [name, sum(name)])), used, group)
        if (group === 'agent') assert.deepEqual(data.map(({ key }) => key).sort(), ['research', 'support'])
      }
    })
  })
}
