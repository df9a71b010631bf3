import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { BookedLimits } from '../../../src/contracts/budgets/budget.ts'
import { putKillSwitch } from '../../../src/store/budgets/kill-switches.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { closeChild } from '../../../src/store/team/close-child.ts'
import { settleOrphanedChildren } from '../../../src/store/team/settle-orphaned-children.ts'
import { forEachDatabase } from '../../support/database.ts'
import { childPlan, closeOf, identityOf, startChild } from '../support/children.ts'
import { answerTo, beginCall, begun, startRun } from '../support/samples.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  const budgetOf = (limits: BookedLimits) =>
    ({ limits, floorOutputTokens: 10, onUnknownPrice: 'deny' }) as const

  test('a sub-agent uses no more than its share, whatever it takes for its limits', async () => {
    const limits = { maxCostMicroUsd: 5_000, maxTokens: 6_000, maxModelCalls: 2 }
    const run = await startRun(db)
    const child = identityOf(await startChild(db, run, { plan: childPlan(limits), limits }))
    const raised = budgetOf({ maxCostMicroUsd: 90_000, maxTokens: 90_000, maxModelCalls: 90 })
    const call = beginCall(child, { agent: 'research', maxOutputTokens: 9_000, budget: raised })
    assert.ok('attempt' in (await beginModelCall(db, call)))
    assert.equal((await findRun(db, child.tenant, child.runId))?.budget.heldMicroUsd, 5_000)
    assert.deepEqual(await beginModelCall(db, { ...call, step: 2 }), {
      withheld: { scope: 'run', limit: 'cost', allowed: 5_000, used: 5_000 },
    })
    const cheap = {
      ...call,
      step: 2,
      rates: [{ aboveTokens: 0, inputMicroUsd: 0, outputMicroUsd: 0 }],
      maxOutputTokens: 50,
    }
    assert.ok('attempt' in (await beginModelCall(db, cheap)))
    assert.deepEqual(await beginModelCall(db, { ...cheap, step: 3 }), {
      withheld: { scope: 'run', limit: 'model_calls', allowed: 2, used: 2 },
    })
    // Its cost is limited though nobody has told it so.
    assert.deepEqual(
      await beginModelCall(db, { ...cheap, step: 3, rates: null, budget: budgetOf({ maxModelCalls: 9 }) }),
      {
        withheld: { scope: 'run', limit: 'model_calls', allowed: 2, used: 2 },
      },
    )
  })

  test('a sub-agent is held by its share where its workflow knows of no limit', async () => {
    const limits = { maxCostMicroUsd: 5_000 }
    const child = identityOf(await startChild(db, await startRun(db), { plan: childPlan(limits), limits }))
    const call = beginCall(child, { agent: 'research', rates: null, budget: budgetOf({}) })
    assert.deepEqual(await beginModelCall(db, call), { priceUnknown: true })
  })

  test('a kill switch holds the sub-agents of the agent that it is for', async () => {
    const tenant = 'switched'
    const run = await startRun(db, { tenant })
    const child = identityOf(await startChild(db, run))
    await begun(db, child, { agent: 'research' })
    const key = { tenant, scope: 'agent', subject: 'support' } as const
    await putKillSwitch(db, { ...key, by: 'ann', reason: 'It sends too much.' })
    assert.deepEqual(await beginModelCall(db, beginCall(child, { agent: 'research', step: 2 })), {
      withheld: { scope: 'agent', limit: 'kill_switch', allowed: 0, used: 0 },
    })
    // One that somebody started by itself goes on.
    await begun(db, await startRun(db, { tenant, agent: 'research' }), { agent: 'research' })
  })

  test('an attempt that the end of a sub-agent did not see counts in its parent as its worst case, until it is known', async () => {
    const limits = { maxCostMicroUsd: 5_000 }
    const run = await startRun(db)
    const child = await startChild(db, run, { plan: childPlan(limits), limits })
    const begin = await begun(db, identityOf(child), { agent: 'research', budget: budgetOf(limits) })
    // What a close leaves behind that has looked for attempts just before this one was booked.
    await db.query({
      text: `update runs set status = 'completed', completed_at = clock_timestamp() where id = $1`,
      values: [child.childRunId],
    })
    await closeChild(db, closeOf(child))
    const budget = async (runId: string) => (await findRun(db, run.tenant, runId))?.budget
    const unknown = (await budget(run.runId))?.spent.unknownMicroUsd ?? 0
    assert.ok(unknown > 1_000)
    assert.deepEqual(await budget(run.runId), {
      limits: {},
      spent: { costMicroUsd: unknown, unknownMicroUsd: unknown, tokens: unknown, modelCalls: 1 },
      heldMicroUsd: 0,
    })
    assert.equal((await budget(child.childRunId))?.heldMicroUsd, 0)
    assert.deepEqual(await beginModelCall(db, beginCall(identityOf(child), { agent: 'research', step: 2 })), {
      runEnded: true,
    })
    await storeModelCall(db, answerTo(identityOf(child), begin))
    await settleOrphanedChildren(db, { olderThanMs: 0, limit: 100 })
    assert.deepEqual((await budget(run.runId))?.spent, {
      costMicroUsd: 1_500,
      unknownMicroUsd: 0,
      tokens: 120,
      modelCalls: 1,
    })
  })
})
