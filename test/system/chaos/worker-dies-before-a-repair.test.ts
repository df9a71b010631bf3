import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { answerSchemaOf } from '../../../src/app/answer-schema.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { Script } from '../../../src/testing/script.ts'
import { startPlan } from '../../support/start-plan.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { chargedRequests, checkBooks } from './support/check-books.ts'
import { startDatabaseProxy } from './support/database-proxy.ts'
import { deskPlan } from './support/pay-desk/plans.ts'

/** Stands in the answer that does not fit, and nowhere else. */
const MARK = 'much more than that'
const FITS = '{"cents":500}'

/** Says what does not fit, then half of what does, then the rest. */
const script: Script = ({ messages }) => {
  const place = messages.filter(({ role }) => role === 'assistant').length
  if (place === 0) return { text: `{"cents":"${MARK}"}` }
  if (place === 1) return { text: FITS.slice(0, 8), stop: 'max_output_tokens' }
  return { text: FITS.slice(8) }
}

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(script)
})
after(() => system.close())

test('killed between an answer that does not fit and its repair, the answer is asked for again once', async (t) => {
  const { caller, database, databaseUrl, temporal, provider, startWorker, killWorkers } = system
  // The workers' build has no such schema: they go by the plan's.
  const plan: RunPlan = {
    ...deskPlan('assistant'),
    output: answerSchemaOf(z.strictObject({ cents: z.int() })).jsonSchema,
  }
  const proxy = await startDatabaseProxy(databaseUrl, { what: 'answer', having: ['store_model_call', MARK] })
  t.after(() => proxy.close())
  const doomed = await startWorker(proxy.url)
  const { runId: id } = await startPlan(database, temporal, plan, 'How much is it?')
  // The answer is stored, and the worker waits to hear so.
  await Promise.all([proxy.held(1), caller.until(id, 'model.completed')])
  await startWorker()
  await doomed.kill()

  const run = await caller.untilEnd(id)
  assert.deepEqual([run.status, run.output, run.output_json], ['completed', FITS, { cents: 500 }])
  assert.equal(provider.requests.length, 3, 'an answer was asked for twice')
  const { storedModelCalls, places } = await checkBooks(system, id)
  assert.deepEqual(
    chargedRequests(provider.requests).map(({ requestId }) => requestId),
    storedModelCalls.map(({ requestId }) => requestId),
  )
  // The question, three answers, and a message about each of the first two.
  assert.deepEqual(places, [0, 1, 2, 3, 4, 5])
  await killWorkers()
})
