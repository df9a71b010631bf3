import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Script } from '../../../src/testing/script.ts'
import { firstWords } from '../../support/office/words.ts'
import { openBacklog, times } from './support/backlog.ts'

/*
 * One tenant has many runs that wait; how long does another tenant's single run take? All of it is counted: from its request to its answer.
 */

/** 1,000 in `npm run prove`. */
const QUEUED = Number(process.env['QUEUED_RUNS'] ?? 200)
/** What a model takes for an answer of a few sentences. */
const MODEL_MS = 3_000
/** Calls of the worker at a time. With the product's own number the test would measure how fast this machine is. */
const SLOTS = 20
const LONE_RUNS = 3
const RUNS_BESIDE = 3
/** The promise is 2 (`npm run prove`); in a test run other tests compute beside it. With the turns of tenants off it was 10. */
const MOST_TIMES = Number(process.env['QUEUED_TIMES'] ?? 3)

/** By then the calls no longer end at the same time, as those that a worker begins with do. */
const CALLS_BEFORE = 2 * SLOTS

/** The busy tenant's calls take between half of a model's time and half as much again. */
function script(onCall: (calls: number) => unknown): Script {
  let calls = 0
  return ({ messages }) => {
    if (firstWords(messages) !== 'busy') return { text: 'Done.', delayMs: MODEL_MS }
    calls += 1
    onCall(calls)
    return { text: 'Done.', delayMs: MODEL_MS * (0.5 + ((calls * 7) % SLOTS) / SLOTS) }
  }
}

test('a tenant with many queued runs delays the single run of another by no more than it takes alone', async (t) => {
  const isBusy = Promise.withResolvers<void>()
  const backlog = await openBacklog(script((calls) => calls === CALLS_BEFORE && isBusy.resolve()))
  t.after(() => backlog.close())
  const busy = await backlog.tenant('busy')
  const small = await backlog.tenant('small')

  async function timed(): Promise<number> {
    const before = performance.now()
    const { status, body } = await small.start({}, { prefer: 'wait=60' })
    assert.deepEqual([status, body.status], [200, 'completed'])
    return performance.now() - before
  }
  async function unfinished(): Promise<number> {
    const [row] = await backlog.database.query<{ count: number }>({
      text: `select count(*)::integer as count from runs where tenant = 'busy' and completed_at is null`,
    })
    return row?.count ?? 0
  }

  const first = await backlog.startWorker(SLOTS)
  // The first run warms the worker up.
  await timed()
  const alone: number[] = []
  while (alone.length < LONE_RUNS) alone.push(await timed())
  await first.stop()

  const started = await times(QUEUED, () => busy.start({ input: 'busy' }))
  assert.ok(started.every(({ status }) => status === 202))
  await backlog.startWorker(SLOTS)
  await isBusy.promise
  const beside: number[] = []
  while (beside.length < RUNS_BESIDE) beside.push(await timed())
  const left = await unfinished()

  const shown = (values: readonly number[]) => values.map((value) => `${Math.round(value)} ms`).join(', ')
  t.diagnostic(`${QUEUED} runs of another tenant queued; alone ${shown(alone)}; beside them ${shown(beside)}`)
  t.diagnostic(`${left} of them had not ended after the last`)
  assert.ok(left > 0, 'there was nothing to wait for')
  const lone = alone.toSorted((a, b) => a - b)[Math.floor(LONE_RUNS / 2)] ?? 0
  assert.ok(Math.max(...beside) <= MOST_TIMES * lone, `${Math.max(...beside) / lone} times as long`)
})
