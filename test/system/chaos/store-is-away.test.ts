import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { Script } from '../../../src/testing/script.ts'
import { firstWords } from '../../support/office/words.ts'
import { startPlan } from '../../support/start-plan.ts'
import { askedBy } from '../runs/support/look-ups.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { checkBooks } from './support/check-books.ts'
import { askingPlan, clerkPlan } from './support/pay-desk/plans.ts'
import { stepByStep } from './support/pay-desk/scripts.ts'
import { startStoreSwitch } from './support/store-switch.ts'

/* The store is away from the worker while calls of every kind are under way. `STORE_AWAY_S=120` makes it as many seconds. */

const LENGTHS_S = process.env['STORE_AWAY_S']?.split(',').map(Number) ?? [6]
const RUNS = 4
const STEPS = 12

/** Answers that are held back until the store has gone. */
let released = Promise.withResolvers<void>()
let asked = 0
let allAsked = Promise.withResolvers<void>()

const script: Script = async (conversation) => {
  const words = firstWords(conversation.messages)
  if (!words.startsWith('answer')) {
    await sleep(50)
    return stepByStep(conversation)
  }
  asked += 1
  if (asked === RUNS) allAsked.resolve()
  await released.promise
  return { text: `An answer to ${words}.` }
}

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(script)
})
after(() => system.close())

for (const seconds of LENGTHS_S) {
  test(`a store that is away for ${seconds} s ends no run, asks nobody, and has nothing paid for twice`, async (t) => {
    const { caller, database, databaseUrl, temporal, provider, startWorker } = system
    released = Promise.withResolvers()
    allAsked = Promise.withResolvers()
    asked = 0
    const store = await startStoreSwitch(databaseUrl)
    t.after(() => store.close())
    const worker = await startWorker(store.url)
    t.after(() => worker.kill())
    const start = async (plan: RunPlan, words: string) => {
      const { runId } = await startPlan(database, temporal, plan, words)
      return { id: runId, words }
    }
    const many = (plan: RunPlan, words: string) =>
      Promise.all(Array.from({ length: RUNS }, (_, n) => start(plan, `${words} ${seconds} ${n}`)))

    const approved = await many(askingPlan('open_ticket'), 'write 1')
    const approvals = await Promise.all(approved.map(({ id }) => caller.untilWaiting(id)))
    const [answers, lookUps, writes] = await Promise.all([
      many(clerkPlan(), 'answer'),
      many(clerkPlan(), `read ${STEPS}`),
      many(clerkPlan(), `write ${STEPS}`),
    ])
    await allAsked.promise
    await Promise.all([...lookUps, ...writes].map(({ id }) => caller.until(id, 'tool.completed', 2)))

    // The decisions reach the runs at the moment at which the store goes.
    const decisions = approvals.map((approval) => caller.decide(approval, { decision: 'approve' }))
    await store.goAway()
    released.resolve()
    await sleep(seconds * 1_000)
    await store.back()
    await Promise.all(decisions)

    for (const { id, words } of [...answers, ...lookUps, ...writes, ...approved]) {
      const run = await caller.untilEnd(id)
      assert.deepEqual([run.status, run.reason, run.served_by], ['completed', undefined, 'gpt-5.5'], words)
      const events = await caller.events(id)
      const rules = events.flatMap(({ type, data }) => (type === 'approval.requested' ? [data['rule']] : []))
      assert.ok(!rules.includes('outcome-unknown'), `${words}: a person was asked`)
      assert.deepEqual(
        events.filter(({ type }) => type === 'model.failed' || type === 'tool.failed'),
        [],
      )
      const { storedModelCalls } = await checkBooks(system, id)
      assert.equal(askedBy(provider, words).length, storedModelCalls.length, `${words}: asked twice`)
    }
    await worker.says('The store is away.')
    await worker.says('The store is back.')
  })
}
