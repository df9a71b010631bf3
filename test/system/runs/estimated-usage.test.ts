import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UsageRowResource } from '../../../src/api/budgets/usage.schema.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { createCaller } from './support/caller.ts'

const WORDS = 'The parcel waits in the shop around the corner.'

test('where a server counts no tokens the usage is an estimate, says so everywhere, and its worst case counts', async (t) => {
  let asked = 0
  const environment = await startEnvironment({
    store: 'postgres',
    script: () => {
      asked += 1
      const call = { toolCalls: [{ tool: 'look_up', arguments: { key: 'moka' } }] }
      // The second answer of a run is counted: what its first one has cost stays an estimate.
      return asked === 1 ? { ...call, delivery: { usage: 'missing' } } : { text: WORDS }
    },
  })
  t.after(() => environment.close())
  const caller = createCaller(environment.service.url)
  const { body } = await caller.start({
    agent: 'support',
    input: 'Where is it?',
    budget: { max_tokens: 100_000 },
  })
  const run = await caller.untilEnd(body.id)
  assert.deepEqual([run.status, run.output], ['completed', WORDS])
  assert.deepEqual([run.usage.estimated, run.usage.cost_micro_usd], [true, null])

  const events = await caller.events(run.id)
  const usages = events
    .filter(({ type }) => type === 'model.completed')
    .map(({ data }) => data['usage'] as { input_tokens: number; output_tokens: number; estimated?: true })
  assert.deepEqual(
    usages.map(({ estimated }) => estimated),
    [true, undefined],
  )
  assert.ok(usages.every(({ input_tokens, output_tokens }) => input_tokens > 20 && output_tokens > 0))
  const total = usages.reduce((sum, { input_tokens }) => sum + input_tokens, 0)
  assert.equal(run.usage.input_tokens, total)
  const end = events.at(-1)?.data['usage'] as { estimated?: true }
  assert.equal(end.estimated, true)

  // What the budget counts is the worst case of the call that was not counted, not its estimate.
  const spent = run.budget?.spent.tokens ?? Number.NaN
  assert.ok(spent > run.usage.input_tokens + run.usage.output_tokens, `${spent}`)
  const { body: usage } = await caller.get<{ data: UsageRowResource[] }>('/usage?group_by=agent')
  assert.deepEqual(
    usage.data.map(({ attempts, estimated_attempts }) => [attempts, estimated_attempts]),
    [[2, 1]],
  )
})
