import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type BudgetResource, budget as budgetSchema } from '../../../src/api/budgets/shared-budget.schema.ts'
import { run as runSchema } from '../../../src/api/runs/run.schema.ts'
import { post } from '../../api/support/post.ts'
import { makeKey } from '../../api/support/test-keys.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { detailsOf } from './support/details.ts'
import { askedBy, assertEachStepOnce, lookUps, STEP } from './support/look-ups.ts'

/*
 * Budgets that runs share, and kill switches, over HTTP with keys. Each test has a tenant of its own, whose day is half over;
 * each step of a run costs 20,000 micro-USD.
 */

const LITTLE = 120_000
const SLOW_STEP_MS = 200
/** How soon a run hears of a switch, or of more money. */
const SOON_MS = 5_000

for (const store of ['pglite', 'postgres'] as const) {
  test(`shared budgets and kill switches on ${store}`, { concurrency: true }, async (t) => {
    const script = lookUps(async (words) => words.includes('slow') && delay(SLOW_STEP_MS))
    const secret = 'a secret of thirty-two characters'
    const environment = await startEnvironment({ store, script, secret })
    t.after(() => environment.close())
    const { provider, temporal, database } = environment

    /** People of a fresh tenant. */
    async function newTenant(tenant: string, ...principals: string[]): Promise<Caller[]> {
      const callers = await Promise.all(
        principals.map(async (principal) =>
          createCaller(environment.service.url, (await makeKey(database, { tenant, principal })).headers),
        ),
      )
      const put = await callers[0]?.put('/tenant', { time_zone: zoneAtNoon() })
      assert.equal(put?.status, 200)
      return callers
    }

    /** Starts a run of these steps and words; its workflow is known by its words. */
    async function start(caller: Caller, words: string, agent = 'research') {
      const key = `${store}-${words.replaceAll(/\W+/g, '-')}`
      const { status, body, text } = await caller.start({ agent, input: words }, { 'idempotency-key': key })
      assert.equal(status, 202, text)
      return { id: body.id, words, asked: () => askedBy(provider, words), key }
    }

    async function assertWhole(caller: Caller, { id, asked }: Awaited<ReturnType<typeof start>>) {
      const run = await caller.untilEnd(id)
      assert.equal(run.status, 'completed', JSON.stringify(run))
      assertEachStepOnce(asked())
      assert.equal(run.usage.model_calls, asked().length)
    }

    await Promise.all([
      t.test(
        'runs of one principal wait for its day, others go on; raised, all go on where they were',
        async () => {
          const [ann, bob] = await newTenant('pausing', 'ann', 'bob')
          assert.ok(ann && bob)
          const path = '/budgets/principal/ann/day'
          assert.equal((await ann.put(path, { max_cost_micro_usd: LITTLE, threshold: 0.5 })).status, 200)
          const [one, two, other] = await Promise.all([
            start(ann, '5 steps of 1, one of ann'),
            start(ann, '5 steps of 1, two of ann'),
            start(bob, '5 steps of 1, one of bob'),
          ])
          await assertWhole(bob, other)
          await Promise.all([one, two].map(({ id }) => ann.until(id, 'budget.reached')))
          const paused = runSchema.parse(await ann.run(one.id))
          assert.deepEqual([paused.status, paused.reason], ['requires_action', 'budget'])
          assert.ok(paused.required_action?.type === 'budget')
          const { scope, period, limit, allowed, used, resets_at } = paused.required_action
          assert.deepEqual([scope, period, limit, allowed], ['principal', 'day', 'cost', LITTLE])
          assert.ok(used <= LITTLE)
          // Noon is half a day before midnight.
          const untilMidnightMs = Date.parse(resets_at ?? '') - Date.now()
          assert.ok(untilMidnightMs > 11 * 3_600_000 && untilMidnightMs <= 12 * 3_600_000)
          const waiting =
            /waits for its budget: the principal's cost of the day, 0\.\d{6} USD of 0\.120000 USD used, until /
          await detailsOf(temporal.client, `research/pausing/${one.key}`, waiting)

          const spent = (one.asked().length + two.asked().length) * STEP.microUsd
          const listed = await ann.get<{ data: BudgetResource[] }>('/budgets')
          const current = budgetSchema.parse(listed.body.data[0]).current
          assert.ok(spent <= LITTLE)
          assert.deepEqual(current?.spent, { cost_micro_usd: spent, tokens: (spent / STEP.microUsd) * 1_500 })
          assert.equal(current?.held.cost_micro_usd, 0)

          const raisedAt = performance.now()
          assert.equal((await ann.put(path, { max_cost_micro_usd: 1_000_000 })).status, 200)
          await Promise.all([one, two].map(({ id }) => ann.until(id, 'budget.resumed')))
          assert.ok(performance.now() - raisedAt < SOON_MS)
          await Promise.all([one, two].map((run) => assertWhole(ann, run)))
          const events = (await Promise.all([one, two].map(({ id }) => ann.events(id)))).flat()
          const thresholds = events.filter(
            ({ type, data }) => type === 'budget.threshold' && data['scope'] === 'principal',
          )
          assert.equal(thresholds.length, 1)
        },
      ),

      t.test('a budget that is taken away is waited for no longer', async () => {
        const [ann] = await newTenant('taking-away', 'ann')
        assert.ok(ann)
        await ann.put('/budgets/tenant/-/month', { max_tokens: 5_000 })
        const run = await start(ann, '5 steps of 1, taken away')
        const reached = await ann.until(run.id, 'budget.reached')
        assert.deepEqual(
          [reached['scope'], reached['period'], reached['limit']],
          ['tenant', 'month', 'tokens'],
        )
        assert.equal((await ann.remove('/budgets/tenant/-/month')).status, 200)
        await assertWhole(ann, run)
      }),

      t.test('a budget that refuses ends the run that meets it, and says so', async () => {
        const [ann] = await newTenant('refusing', 'ann')
        assert.ok(ann)
        await ann.put('/budgets/agent/*/day', { max_cost_micro_usd: LITTLE, on_reached: 'refuse' })
        const { id, asked } = await start(ann, '11 steps of 1, refused')
        const run = await ann.untilEnd(id)
        assert.deepEqual([run.status, run.reason, run.error?.code], ['failed', 'budget', 'budget_reached'])
        assert.ok(asked().length > 1)
        assert.equal(run.usage.cost_micro_usd, asked().length * STEP.microUsd)
        assert.equal(run.steps, asked().length)
        const late = await start(ann, '11 steps of 1, refused at once')
        assert.deepEqual([(await ann.untilEnd(late.id)).reason, late.asked().length], ['budget', 0])
      }),

      t.test(
        'an agent’s kill switch stops its runs within seconds, and others not; taken back, they go on',
        async () => {
          const [ann] = await newTenant('switching', 'ann')
          assert.ok(ann)
          const running = await start(ann, '11 steps of 1, slow, under way')
          await ann.until(running.id, 'model.completed', 3)
          const thrownAt = Date.now()
          assert.equal((await ann.put('/kill-switches/agent/research', { reason: 'Enough.' })).status, 200)
          const reached = await ann.until(running.id, 'budget.reached')
          assert.ok(Date.now() - thrownAt < SOON_MS)
          assert.deepEqual([reached['scope'], reached['limit']], ['agent', 'kill_switch'])
          const count = running.asked().length
          assert.ok(count < 12)
          const paused = runSchema.parse(await ann.run(running.id))
          assert.deepEqual([paused.status, paused.reason], ['requires_action', 'budget'])
          const words = /waits for its budget: the kill switch of the agent is on/
          await detailsOf(temporal.client, `research/switching/${running.key}`, words)

          const late = await start(ann, '5 steps of 1, late')
          await ann.until(late.id, 'budget.reached')
          await assertWhole(ann, await start(ann, '0 steps of 1, another agent', 'assistant'))
          assert.deepEqual([late.asked().length, running.asked().length], [0, count])

          const takenBackAt = Date.now()
          assert.equal((await ann.remove('/kill-switches/agent/research')).status, 200)
          await Promise.all([late, running].map(({ id }) => ann.until(id, 'budget.resumed')))
          assert.ok(Date.now() - takenBackAt < SOON_MS)
          await Promise.all([late, running].map((run) => assertWhole(ann, run)))
        },
      ),

      t.test('a tenant’s kill switch stops whatever it runs, and nobody else’s', async () => {
        const [ann] = await newTenant('stopping', 'ann')
        const [eve] = await newTenant('going-on', 'eve')
        assert.ok(ann && eve)
        const runs = await Promise.all([
          start(ann, '11 steps of 1, slow, of research'),
          start(ann, '11 steps of 1, slow, of support', 'support'),
        ])
        const foreign = await start(eve, '11 steps of 1, slow, of another tenant')
        await Promise.all(runs.map(({ id }) => ann.until(id, 'model.completed', 2)))
        const thrownAt = Date.now()
        assert.equal((await ann.put('/kill-switches/tenant/-', { reason: 'Enough.' })).status, 200)
        for (const { id } of runs) {
          const { scope, limit } = await ann.until(id, 'budget.reached')
          assert.deepEqual([scope, limit], ['tenant', 'kill_switch'])
        }
        assert.ok(Date.now() - thrownAt < SOON_MS)
        const counts = runs.map(({ asked }) => asked().length)
        await assertWhole(eve, foreign)
        assert.deepEqual(
          runs.map(({ asked }) => asked().length),
          counts,
        )
        assert.equal((await ann.remove('/kill-switches/tenant/-')).status, 200)
        await Promise.all(runs.map((run) => assertWhole(ann, run)))
      }),

      t.test(
        'a suspended tenant’s runs are held at their next step, and go on once it is resumed',
        async () => {
          const [ann] = await newTenant('suspended', 'ann')
          const { headers } = await makeKey(database, { tenant: 'operations', scopes: ['tenants:*'] })
          assert.ok(ann)
          const act = (action: string) => post(ann.v1(`/tenants/suspended/${action}`), {}, headers)
          const run = await start(ann, '11 steps of 1, slow, suspended')
          await ann.until(run.id, 'model.completed', 2)
          assert.equal((await act('suspend')).status, 200)
          const { scope, limit } = await ann.until(run.id, 'budget.reached')
          assert.deepEqual([scope, limit], ['tenant', 'kill_switch'])
          assert.ok(run.asked().length < 12)
          assert.equal((await act('resume')).status, 200)
          await ann.until(run.id, 'budget.resumed')
          await assertWhole(ann, run)
        },
      ),
    ])
  })
}

/** A zone in which it is between noon and one, so that no day ends while a test is at it. */
function zoneAtNoon(): string {
  const ahead = 12 - new Date().getUTCHours()
  // These names count westwards.
  return ahead === 0 ? 'UTC' : `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`
}
