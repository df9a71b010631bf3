import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/models/price-overrides.ts'
import type { RecordedRequest } from '../../../src/testing/recorded-request.ts'
import type { Script } from '../../../src/testing/script.ts'
import { assertBooks } from '../../store/support/books.ts'
import { startPlan } from '../../support/start-plan.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { ACCOUNT } from './support/pay-desk/books.ts'
import { clerkPlan, deskPlan } from './support/pay-desk/plans.ts'

/* The provider goes on with answers by itself: a dead worker's calls are read by the next one, and not asked again. */

/** `npm run prove` makes 50. */
const CALLS = Number(process.env['BACKGROUND_CALLS'] ?? 15)
/** An answer of 40 s, in pieces of 48 characters: longer than the deaths of two workers take to be noticed, which is 10 s each. */
const PIECES = 40
const PIECE_EVERY_MS = 1_000
const STORY = Array.from({ length: PIECES }, (_, n) => `chapter ${n}`.padEnd(48, '.')).join('')

let script: Script
let system: ChaosSystem
before(async () => {
  system = await startChaosSystem((request) => script(request))
})
after(() => system.close())

function inBackground(plan: RunPlan): RunPlan {
  const [first] = plan.chain
  if (first === undefined) throw new Error('The plan has no model.')
  return { ...plan, chain: [{ ...first, background: true }] }
}

interface Attempt {
  readonly runId: RunId
  readonly status: string
  readonly responseId: string | null
  readonly reattached: number
  readonly costMicroUsd: number | null
  readonly unknownMicroUsd: number
}

async function attemptsOf(runs: readonly RunId[]): Promise<(Attempt & object)[]> {
  return system.database.query({
    text: `select run_id as "runId", status, response_id as "responseId", reattached, cost_micro_usd as "costMicroUsd",
        unknown_micro_usd as "unknownMicroUsd"
      from model_attempts where run_id = any ($1) order by run_id, attempt`,
    values: [runs],
  })
}

async function until(runs: readonly RunId[], holds: (attempts: readonly Attempt[]) => boolean) {
  for (;;) {
    const attempts = await attemptsOf(runs)
    if (holds(attempts)) return attempts
    assert.ok(
      attempts.length === 0 || attempts.some(({ status }) => status !== 'ok'),
      'it has not come to that',
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const prices = createPriceBook(PRICE_OVERRIDES)
/** What the provider bills for these requests, by its own count of tokens. */
function billed(requests: readonly RecordedRequest[]): number {
  return requests.reduce((total, { model, charged }) => {
    if (charged === null) return total
    return total + (prices.price({ provider: 'openai', model, usage: charged }) ?? assert.fail('no price'))
  }, 0)
}
const sum = (attempts: readonly Attempt[], of: (attempt: Attempt) => number) =>
  attempts.reduce((total, attempt) => total + of(attempt), 0)

test(`two workers are killed with ${CALLS} calls in flight: none is asked twice, and the books are the provider's`, async (t) => {
  const { database, temporal, provider, startWorker, killWorkers, caller } = system
  script = () => ({ text: STORY, chunkDelayMs: PIECE_EVERY_MS })
  const first = await startWorker()
  const plan = inBackground(deskPlan('assistant'))
  const started = await Promise.all(
    Array.from({ length: CALLS }, (_, n) => startPlan(database, temporal, plan, `Question ${n}`)),
  )
  const runs = started.map(({ runId }) => runId)
  await until(runs, (all) => all.filter(({ responseId }) => responseId !== null).length === CALLS)

  const second = await startWorker()
  await first.kill()
  await until(runs, (all) => all.every(({ reattached }) => reattached >= 1))
  await startWorker()
  await second.kill()

  const ended = await Promise.all(runs.map((id) => caller.untilEnd(id)))
  assert.ok(ended.every(({ status, output }) => status === 'completed' && output === STORY))
  const attempts = await attemptsOf(runs)
  t.diagnostic(
    `${CALLS} calls in flight, 2 workers killed: ${provider.requests.length} requests, ` +
      `${sum(attempts, ({ reattached }) => reattached)} times read on, ` +
      `${sum(attempts, ({ costMicroUsd }) => costMicroUsd ?? 0)} micro-USD booked, ${billed(provider.requests)} billed`,
  )
  assert.equal(provider.requests.length, CALLS)
  assert.equal(attempts.length, CALLS)
  assert.ok(attempts.every(({ status }) => status === 'ok'))
  assert.equal(
    sum(attempts, ({ costMicroUsd }) => costMicroUsd ?? Number.NaN),
    billed(provider.requests),
  )
  assert.equal(
    sum(attempts, ({ unknownMicroUsd }) => unknownMicroUsd),
    0,
  )
  await assertBooks(database, 'default')
  await killWorkers()
})

test('a worker that dies before it knows the id loses the call, as without a background: its worst case counts', async () => {
  const { database, temporal, provider, startWorker, killWorkers, caller } = system
  const before = provider.requests.length
  const asked = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  script = async () => {
    if (provider.requests.length > before + 1) return { text: 'The second answer.' }
    asked.resolve()
    await gone.promise
    return { text: 'An answer that nobody hears.' }
  }
  const doomed = await startWorker()
  const { runId } = await startPlan(database, temporal, inBackground(deskPlan('assistant')), 'Hello?')
  await asked.promise
  await doomed.kill()
  gone.resolve()
  await startWorker()
  const { status, output } = await caller.untilEnd(runId)
  assert.deepEqual([status, output], ['completed', 'The second answer.'])
  const [lost, answered] = await attemptsOf([runId])
  assert.deepEqual([lost?.status, lost?.responseId, answered?.status], ['unknown', null, 'ok'])
  const [unheard, heard] = provider.requests.slice(before)
  assert.equal(provider.requests.length, before + 2)
  assert.equal(answered?.costMicroUsd, billed(heard ? [heard] : []))
  assert.ok((lost?.unknownMicroUsd ?? 0) >= billed(unheard ? [unheard] : []), 'it covers what is billed')
  await assertBooks(database, 'default')
  await killWorkers()
})

test('a run that goes on on another worker begins its requests with the very same bytes', async () => {
  const { database, temporal, provider, startWorker, killWorkers, caller } = system
  const before = provider.requests.length
  const reached = Promise.withResolvers<void>()
  script = ({ messages }) => {
    const results = messages.filter(({ role }) => role === 'tool').length
    if (results === 2) reached.resolve()
    if (results === 4) return { text: 'Done.' }
    return {
      reasoning: 'Hm.',
      toolCalls: [{ tool: 'look_up', arguments: { account: ACCOUNT } }],
      chunkDelayMs: results === 2 ? 100 : 0,
    }
  }
  const doomed = await startWorker()
  const { runId } = await startPlan(database, temporal, inBackground(clerkPlan()), 'What of A-1?')
  await reached.promise
  await doomed.kill()
  await startWorker()
  assert.equal((await caller.untilEnd(runId)).status, 'completed')

  const bodies = provider.requests.slice(before).map(({ body }) => body as Record<string, unknown>)
  assert.ok(bodies.length >= 5)
  const itemsOf = ({ input }: Record<string, unknown>) =>
    (input as readonly unknown[]).map((item) => JSON.stringify(item))
  const preambleOf = (body: Record<string, unknown>) => JSON.stringify({ ...body, input: [] })
  bodies.reduce((body, next) => {
    assert.equal(preambleOf(next), preambleOf(body))
    assert.deepEqual(itemsOf(next).slice(0, itemsOf(body).length), itemsOf(body))
    return next
  })
  await killWorkers()
})
