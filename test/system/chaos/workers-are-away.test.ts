import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Script } from '../../../src/testing/script.ts'
import { firstWords, wordsOf } from '../../support/office/words.ts'
import { startPlan } from '../../support/start-plan.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { checkBooks } from './support/check-books.ts'
import { effectsOf } from './support/pay-desk/books.ts'
import { clerkPlan } from './support/pay-desk/plans.ts'

/*
 * All workers are away for longer than a run may take. No number in the product counts the time since a call was scheduled, so
 * what is true for a short run and half a minute is true for a long one and an hour. `WORKERS_AWAY_S=1200 TEST_TIMEOUT_S=1800`
 * makes it 20 minutes.
 */

const DEADLINE_MS = 30_000
const AWAY_MS = Number(process.env['WORKERS_AWAY_S'] ?? 45) * 1_000
const RUNS = 6
const CALLS = 6

let inModelCall = Promise.withResolvers<void>()
const answered = { stalled: false }

const script: Script = ({ messages }) => {
  const words = firstWords(messages)
  if (words === 'speak') {
    if (answered.stalled) return { text: 'The whole answer.' }
    answered.stalled = true
    inModelCall.resolve()
    return { text: 'Half of this', fault: 'stall' }
  }
  if (messages.at(-1)?.role === 'tool') return { text: messages.map(wordsOf).join('\n') }
  const ticket = (n: number) => ({
    tool: 'open_ticket',
    arguments: { topic: 'other', urgency: 'normal', text: `Ticket ${n} of ${words}.` },
  })
  return { toolCalls: Array.from({ length: CALLS }, (_, n) => ticket(n)) }
}

let system: ChaosSystem
before(async () => {
  inModelCall = Promise.withResolvers()
  system = await startChaosSystem(script)
})
after(() => system.close())

test('workers that are killed and stay away end no run, and nobody is asked what became of its calls', async () => {
  const { caller, database, temporal, startWorker } = system
  const plan = clerkPlan({ deadlineMs: DEADLINE_MS })
  const start = (words: string) => startPlan(database, temporal, plan, words)
  const doomed = await startWorker()
  const speaking = (await start('speak')).runId
  await inModelCall.promise
  const writing = await Promise.all(Array.from({ length: RUNS }, (_, n) => start(`run ${n}`)))
  // In the middle of their calls: some are done, some are begun, some are not.
  await Promise.race(writing.map(({ runId }) => caller.until(runId, 'tool.completed')))
  await doomed.kill()
  await sleep(AWAY_MS)
  await startWorker()

  assert.equal((await caller.untilEnd(speaking)).output, 'The whole answer.')
  for (const { runId } of writing) {
    const run = await caller.untilEnd(runId)
    assert.deepEqual([run.status, run.reason], ['completed', undefined])
    const types = (await caller.events(runId)).map(({ type }) => type)
    assert.ok(!types.includes('approval.requested'), 'a person was asked')
    assert.equal((await effectsOf(database, runId, 'open_ticket')).length, CALLS)
    await checkBooks(system, runId)
  }
})
