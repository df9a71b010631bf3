import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Script } from '../../../src/testing/script.ts'
import { firstWords } from '../../support/office/words.ts'
import { startPlan } from '../../support/start-plan.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { chargedRequests, checkBooks } from './support/check-books.ts'
import { startDatabaseProxy } from './support/database-proxy.ts'
import { ACCOUNT } from './support/pay-desk/books.ts'
import { clerkPlan } from './support/pay-desk/plans.ts'

/** A heartbeat's time, the wait before another attempt, and something for a slow machine. */
const NEXT_ATTEMPT_WITHIN_MS = 15_000

const LOOK_UP = { tool: 'look_up', arguments: { account: ACCOUNT } }
/** Stands in one answer of the model and nowhere else. */
const MARK = 'This account is known to me.'

const calls = [Promise.withResolvers<number>(), Promise.withResolvers<number>()]
let called = 0

const script: Script = ({ messages, tools }) => {
  if (tools.length === 0) {
    const call = called++
    calls[call]?.resolve(Date.now())
    // The first answer breaks off in the middle, with the connection open.
    return call === 0 ? { text: 'Half of this', fault: 'stall' } : { text: 'The whole answer.' }
  }
  const results = messages.filter(({ role }) => role === 'tool').length
  if (results === 0) return { text: 'I look it up.', toolCalls: [LOOK_UP] }
  if (results === 1) return { text: MARK, toolCalls: [LOOK_UP] }
  return { text: `${firstWords(messages)}: done.` }
}

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(script)
})
after(() => system.close())

test('killed in the middle of an answer, the call is made again on another worker within 15 s', async () => {
  const { caller, provider, startWorker, killWorkers } = system
  const doomed = await startWorker()
  const { id } = (await caller.start({ agent: 'assistant', input: 'Are you there?' })).body
  await calls[0]?.promise
  await startWorker()

  const killedAt = await doomed.kill()
  const calledAgainAt = await calls[1]?.promise
  const tookMs = Number(calledAgainAt) - killedAt.getTime()
  assert.ok(tookMs < NEXT_ATTEMPT_WITHIN_MS, `the next attempt came after ${tookMs} ms`)

  const run = await caller.untilEnd(id)
  assert.deepEqual([run.status, run.output], ['completed', 'The whole answer.'])
  const [first, second] = provider.requests
  assert.equal(provider.requests.length, 2)
  assert.deepEqual([first?.closedEarly, first?.charged], [true, null])
  const { storedModelCalls } = await checkBooks(system, id)
  assert.deepEqual(storedModelCalls, [{ step: 1, requestId: second?.requestId }])
  await killWorkers()
})

test('killed between the store and Temporal, a stored answer is never paid for again', async (t) => {
  const { caller, database, databaseUrl, temporal, provider, startWorker, killWorkers } = system
  const proxy = await startDatabaseProxy(databaseUrl, { what: 'answer', having: ['store_model_call', MARK] })
  t.after(() => proxy.close())
  const before = provider.requests.length
  const doomed = await startWorker(proxy.url)
  const { runId: id } = await startPlan(database, temporal, clerkPlan(), 'What of A-1')
  // The answer of the second step is stored, and the worker waits to hear so.
  await Promise.all([proxy.held(1), caller.until(id, 'model.completed', 2)])
  await startWorker()

  await doomed.kill()
  const run = await caller.untilEnd(id)
  assert.deepEqual([run.status, run.output], ['completed', 'What of A-1: done.'])
  const { storedModelCalls } = await checkBooks(system, id)
  const paid = chargedRequests(provider.requests.slice(before))
  assert.deepEqual(
    paid.map(({ requestId }) => requestId),
    storedModelCalls.map(({ requestId }) => requestId),
  )
  assert.equal(provider.requests.length - before, 3, 'a request was made that is not in the books')
  await killWorkers()
})
