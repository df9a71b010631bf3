import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import type { BudgetResource } from '../../../src/api/budgets/shared-budget.schema.ts'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/models/price-overrides.ts'
import { EVENT_CHANNEL } from '../../../src/store/record/events.ts'
import { get, send } from '../../api/support/post.ts'
import { startPlan } from '../../support/start-plan.ts'
import { seeded } from '../simulation/random.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { createBillingProvider } from './support/never-over/billing-provider.ts'
import { type BookedAttempt, bookedAttempts } from './support/never-over/booked-attempt.ts'
import { type Billed, compareBooks } from './support/never-over/compare-books.ts'
import { compareUsage } from './support/never-over/compare-usage.ts'
import { type SmallRun, STEPS, smallRun } from './support/never-over/small-run.ts'
import { watchLimits } from './support/never-over/watch-limits.ts'
import { killAtRandom } from './support/refused/kill-at-random.ts'

/** `NEVER_OVER_SEED=123` plays the same runs, bills and faults again; what meets what is up to the machine. */
const SEED = Number(process.env['NEVER_OVER_SEED'] ?? Date.now() % 1_000_000)

/** `npm run prove` plays 200. */
const RUNS = Number(process.env['NEVER_OVER_RUNS'] ?? 100)
/** Ends her runs when it is reached. */
const ANN = { principal: 'ann', runs: RUNS, enoughFor: RUNS / 4, onReached: 'refuse' }
/** Lets his wait until somebody raises it. */
const BEN = { principal: 'ben', runs: 12, enoughFor: 3, onReached: 'pause' }

/** A call on average, what is lost in faults included; measured over many seeds. */
const CALL_MICRO_USD = 1_000
const RUN_MICRO_USD = (CALL_MICRO_USD * (STEPS.least + STEPS.most)) / 2
const LEAST_USE = 0.95

interface Started extends SmallRun {
  readonly runId: RunId
  readonly workflowId: string
}

const billing = createBillingProvider(SEED)
const prices = createPriceBook(PRICE_OVERRIDES)
let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(billing.script, {
    keepRequests: 100_000,
    workerProgram: 'test/system/chaos/support/impatient-worker.ts',
  })
})
after(() => system.close())

test(`${ANN.runs} runs at once share a budget for ${ANN.enoughFor}, the provider fails and workers die: it is used up and never passed`, async (t) => {
  t.diagnostic(`NEVER_OVER_SEED=${SEED}`)
  const { database, temporal, caller } = system
  const { v1 } = caller
  const startedAt = performance.now()
  await keepMidnightAway(v1)
  const limitsPassed = await watchLimits(database)
  await setLimit(v1, ANN, ANN.enoughFor * RUN_MICRO_USD)
  await setLimit(v1, BEN, BEN.enoughFor * RUN_MICRO_USD)

  const runs = Array.from({ length: ANN.runs + BEN.runs }, (_, number) => smallRun(SEED, number))
  const started = await Promise.all(
    runs.map(async (run): Promise<Started> => {
      const { principal } = run.number < ANN.runs ? ANN : BEN
      return { ...run, ...(await startPlan(database, temporal, run.plan, run.input, { principal })) }
    }),
  )
  const kills = await killAtRandom(system, seeded(SEED), { workers: 2, kills: 5, everyChanges: 1.75 * RUNS })
  await untilEnded(started.slice(0, ANN.runs))
  await untilWaiting(BEN.principal)

  const before = await budgetOf(v1, BEN.principal)
  assert.ok(usedOf(before) <= Number(before.max_cost_micro_usd), 'the runs that wait have used too much')
  await setLimit(v1, BEN, BEN.runs * 10 * RUN_MICRO_USD)
  await untilEnded(started.slice(ANN.runs))
  await kills.stop()
  const tookMs = performance.now() - startedAt

  assert.deepEqual(await limitsPassed(), [], 'for a moment a limit was passed')
  const attempts = await bookedAttempts(database)
  const bills = readBills(started)
  for (const { principal } of [ANN, BEN]) {
    const budget = await budgetOf(v1, principal)
    const { spent, unknown, held } = budget.current ?? assert.fail('no call was counted')
    const own = attempts.filter((attempt) => attempt.principal === principal)
    assert.deepEqual(held, { cost_micro_usd: 0, tokens: 0 }, `${principal}: something is still set aside`)
    assert.equal(
      spent.cost_micro_usd,
      sum(own, ({ costMicroUsd }) => costMicroUsd ?? 0),
    )
    assert.equal(
      unknown.cost_micro_usd,
      sum(own, ({ unknownMicroUsd }) => unknownMicroUsd),
    )
    assert.ok(usedOf(budget) <= Number(budget.max_cost_micro_usd), `${principal}: the limit was passed`)
    const ids = new Set(own.map(({ runId }) => String(runId)))
    const billed = sum(
      bills.filter(({ runId }) => ids.has(runId)),
      ({ priceMicroUsd }) => priceMicroUsd,
    )
    assert.ok(
      billed <= Number(budget.max_cost_micro_usd),
      `${principal}: the provider bills more than the limit`,
    )
  }
  const unseen = compareBooks(attempts, bills)
  await compareUsage(v1, database, attempts)

  const use = await budgetOf(v1, ANN.principal)
  const ratio = usedOf(use) / Number(use.max_cost_micro_usd)
  const ends = await countBy(
    `select principal || ' ' || status || coalesce(' ' || reason, '') as key from runs`,
  )
  t.diagnostic(
    `${(tookMs / 1_000).toFixed(1)} s, ${kills.count} kills, ${bills.length} requests, ${unseen.length} of them billed unseen`,
  )
  t.diagnostic(`attempts ${await countBy('select status as key from model_attempts')}`)
  t.diagnostic(`lowered caps ${attempts.filter(({ capTokens }) => capTokens < 200).length}`)
  t.diagnostic(`runs ${ends}`)
  t.diagnostic(
    `used ${(ratio * 100).toFixed(2)} % of ${use.max_cost_micro_usd} micro-USD, unknown ${use.current?.unknown.cost_micro_usd}; ` +
      `${(sum(attempts, costOf) / sum(attempts, ({ status }) => Number(status === 'ok'))).toFixed(0)} a call`,
  )
  assert.ok(ratio >= LEAST_USE, `only ${ratio} of the budget was used`)
  assert.deepEqual(await openEnds(), [], 'a run has ended otherwise than it may')
  for (const { principal } of [ANN, BEN]) assert.deepEqual(await thresholdsTold(principal), [1], principal)
})

/** The day is the tenant's, and it is about noon there. */
async function keepMidnightAway(v1: ChaosSystem['caller']['v1']): Promise<void> {
  const east = 12 - new Date().getUTCHours()
  // The names count westward.
  const time_zone = east === 0 ? 'UTC' : `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`
  const { status } = await send('PUT', v1('/tenant'), { time_zone })
  assert.equal(status, 200)
}

async function setLimit(
  v1: ChaosSystem['caller']['v1'],
  { principal, onReached }: typeof ANN,
  microUsd: number,
): Promise<void> {
  const { status } = await send('PUT', v1(`/budgets/principal/${principal}/day`), {
    max_cost_micro_usd: microUsd,
    on_reached: onReached,
  })
  assert.equal(status, 200)
}

async function budgetOf(v1: ChaosSystem['caller']['v1'], principal: string): Promise<BudgetResource> {
  const { body } = await get<{ data: readonly BudgetResource[] }>(v1('/budgets'))
  return body.data.find(({ subject }) => subject === principal) ?? assert.fail('the budget is gone')
}

function usedOf({ current }: BudgetResource): number {
  return (
    (current?.spent.cost_micro_usd ?? 0) +
    (current?.unknown.cost_micro_usd ?? 0) +
    (current?.held.cost_micro_usd ?? 0)
  )
}

/** What became of them is in the store; their workflows fail where the runs do. */
async function untilEnded(runs: readonly Started[]): Promise<void> {
  const { workflow } = system.temporal.client
  await Promise.allSettled(runs.map(({ workflowId }) => workflow.getHandle(workflowId).result()))
}

/** Until all of a principal's runs wait for the budget or have ended. */
async function untilWaiting(principal: string): Promise<void> {
  const { database } = system
  const waiting = Promise.withResolvers<void>()
  const look = async () => {
    const [row] = await database.query<{ going: number }>({
      text: `
        select count(*)::integer as going from runs
        where principal = $1 and completed_at is null and budget_wait is null`,
      values: [principal],
    })
    if (row?.going === 0) waiting.resolve()
  }
  const stop = await database.listen(EVENT_CHANNEL, () => void look().catch(waiting.reject))
  await look()
  await waiting.promise.finally(stop)
}

function readBills(started: readonly Started[]): Billed[] {
  return system.provider.requests.map((request) => {
    const { usage, run, step } = billing.billOf(request)
    const { requestId, model, wire } = request
    const provider = wire === 'anthropic-messages' ? 'anthropic' : 'openai'
    const price = usage === null ? 0 : prices.price({ provider, model, usage })
    assert.ok(price !== null)
    return { requestId, runId: String(started[run]?.runId), step, model, usage, priceMicroUsd: price }
  })
}

function costOf({ costMicroUsd, unknownMicroUsd }: BookedAttempt): number {
  return (costMicroUsd ?? 0) + unknownMicroUsd
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

async function countBy(keys: string): Promise<string> {
  const rows = await system.database.query<{ key: string; count: number }>({
    text: `select key, count(*)::integer as count from (${keys}) as one group by key order by key`,
  })
  return rows.map(({ key, count }) => `${key} ${count}`).join(', ')
}

/** Runs that are anything but complete, refused by the budget, or left alone by every model. */
function openEnds(): Promise<object[]> {
  return system.database.query({
    text: `
      select id, principal, status, reason, error from runs
      where not (status = 'completed' or reason in ('models_unavailable', 'request_refused', 'context_too_long') or principal = $1 and error = 'budget_reached')`,
    values: [ANN.principal],
  })
}

/** How often the threshold of each limit was told, of those under which something was used up. */
async function thresholdsTold(principal: string): Promise<number[]> {
  const rows = await system.database.query<{ told: number }>({
    text: `
      select count(*)::integer as told from run_events
      where type = 'budget.threshold' and data ->> 'scope' = 'principal' and data ->> 'subject' = $1
      group by data ->> 'allowed'`,
    values: [principal],
  })
  return rows.map(({ told }) => told)
}
