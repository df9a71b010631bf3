import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { Script } from '../../../src/testing/script.ts'
import { wordsOf } from '../../support/office/words.ts'
import { startPlan } from '../../support/start-plan.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { checkBooks } from './support/check-books.ts'
import { startDatabaseProxy } from './support/database-proxy.ts'
import { ACCOUNT, paymentsOf } from './support/pay-desk/books.ts'
import { clerkPlan } from './support/pay-desk/plans.ts'

/** Below the limit from which on a person is asked. */
const PAYMENT = { account: ACCOUNT, cents: 1_000, note: 'The lid is cracked.' }

/** Pays once, then repeats what it was told. */
const script: Script = ({ messages }) => {
  const told = messages.at(-1)
  return told?.role === 'tool'
    ? { text: wordsOf(told) }
    : { toolCalls: [{ tool: 'pay_out', arguments: PAYMENT }] }
}

/** As if the payment provider did not know a repeated key. */
function withoutKeys(plan: RunPlan): RunPlan {
  return { ...plan, tools: plan.tools.map((tool) => ({ ...tool, idempotency: 'none' as const })) }
}

let system: ChaosSystem
before(async () => {
  system = await startChaosSystem(script)
})
after(() => system.close())

test('a worker is killed when payments are made and their results are not stored yet', async (t) => {
  const { caller, database, databaseUrl, temporal, startWorker } = system
  const proxy = await startDatabaseProxy(databaseUrl, {
    what: 'request',
    having: ['store_tool_result', 'pay_out'],
  })
  t.after(() => proxy.close())
  const doomed = await startWorker(proxy.url)
  const start = async (plan: RunPlan) => (await startPlan(database, temporal, plan, 'Please pay.')).runId
  const keyed = await start(clerkPlan())
  const repeated = await start(withoutKeys(clerkPlan()))
  const left = await start(withoutKeys(clerkPlan()))
  await proxy.held(3)
  for (const id of [keyed, repeated, left]) assert.equal((await paymentsOf(database, id)).length, 1)
  await startWorker()
  await doomed.kill()

  await t.test('a tool that knows its key is called again, and the money is paid once', async () => {
    const run = await caller.untilEnd(keyed)
    assert.equal(run.status, 'completed')
    assert.deepEqual(await paymentsOf(database, keyed), [{ cents: 1_000, key: `${keyed}/1/0` }])
    assert.match(run.output ?? '', /"receipt":"run_/)
    const { events } = await checkBooks(system, keyed)
    assert.equal(events.filter(({ type }) => type === 'tool.started').length, 1)
    const [call] = await database.query<{ attempt: number }>({
      text: 'select attempt from tool_calls where run_id = $1',
      values: [keyed],
    })
    assert.equal(call?.attempt, 2)
  })

  await t.test('a tool that does not is left alone, and a person is asked', async () => {
    for (const id of [repeated, left]) {
      const approval = await caller.untilWaiting(id)
      assert.equal(approval.rule, 'outcome-unknown')
      assert.equal((await paymentsOf(database, id)).length, 1)
    }
  })

  await t.test('who approves has it called again, under a key of its own', async () => {
    const approval = await caller.untilWaiting(repeated)
    assert.equal((await caller.decide(approval, { decision: 'approve' })).status, 200)
    const run = await caller.untilEnd(repeated)
    assert.match(run.output ?? '', /"receipt":"run_/)
    assert.deepEqual((await paymentsOf(database, repeated)).map(({ key }) => key).sort(), [
      `${repeated}/1/0`,
      `${repeated}/1/0/1`,
    ])
    await checkBooks(system, repeated)
  })

  await t.test('who rejects leaves it as it is, and the model is told that nobody knows', async () => {
    const approval = await caller.untilWaiting(left)
    await caller.decide(approval, { decision: 'reject', message: 'I look into it myself.' })
    const run = await caller.untilEnd(left)
    assert.equal(run.status, 'completed')
    const told = JSON.parse(run.output ?? '') as Record<string, unknown>
    assert.deepEqual([told['error'], told['person_says']], ['tool_outcome_unknown', 'I look into it myself.'])
    assert.equal((await paymentsOf(database, left)).length, 1)
    await checkBooks(system, left)
  })
})
