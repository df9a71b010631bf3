import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { BudgetLimits } from '../../../src/contracts/budgets/budget.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { admitBudgetChange } from '../../../src/store/budgets/admit-budget-change.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import { openChild } from '../../../src/store/team/open-child.ts'
import { forEachDatabase } from '../../support/database.ts'
import { childOf, childPlan } from '../support/children.ts'
import {
  assistantMessage,
  beginCall,
  modelCall,
  samplePlan,
  startRun,
  storeAnswer,
} from '../support/samples.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  function startWith(limits: BudgetLimits): Promise<RunIdentity> {
    const { budget } = childPlan()
    assert.ok(budget)
    return startRun(db, { plan: { ...samplePlan, budget: { ...budget, limits } } })
  }

  /** What a call is held to that is given limits of a forger's choice, or none. */
  async function heldTo(run: RunIdentity, limits: BudgetLimits): Promise<unknown> {
    const budget = { ...beginCall(run).budget, limits }
    const begun = await beginModelCall(db, beginCall(run, { budget }))
    return 'withheld' in begun ? [begun.withheld.limit, begun.withheld.allowed] : 'begun'
  }

  test('a call is held to the limits of the accepted plan, whatever it is given', async () => {
    const run = await startWith({ maxTokens: 50, maxModelCalls: 9 })
    assert.deepEqual(await heldTo(run, {}), ['tokens', 50])
    assert.deepEqual(await heldTo(run, { maxTokens: 1_000_000 }), ['tokens', 50])
    assert.deepEqual(await heldTo(run, { maxTokens: 40 }), ['tokens', 40])
  })

  test('attempts of an outage use up none of the answers that are allowed', async () => {
    const run = await startWith({ maxModelCalls: 2 })
    for (const hop of [0, 1, 2]) await beginModelCall(db, beginCall(run, { hop }))
    assert.deepEqual(await heldTo(run, { maxModelCalls: 2 }), ['model_calls', 2])
    assert.equal(await heldTo(run, { maxModelCalls: 2 + 3 }), 'begun')
  })

  test('once as many calls are answered as are allowed, none is begun, whatever it is given', async () => {
    const run = await startWith({ maxModelCalls: 1 })
    await storeAnswer(db, modelCall(run, { message: assistantMessage('', ['look']) }))
    const { budget } = beginCall(run)
    const next = beginCall(run, { step: 2, seq: 3, budget: { ...budget, limits: { maxModelCalls: 99 } } })
    const begun = await beginModelCall(db, next)
    assert.equal('withheld' in begun && begun.withheld.limit, 'model_calls')
  })

  test('changes that were admitted count from then on, each once', async () => {
    const run = await startWith({ maxTokens: 50 })
    const raise = { run, change: { add: { maxTokens: 10 }, by: 'bob' }, changeId: 'chg_1' }
    await admitBudgetChange(db, raise)
    await admitBudgetChange(db, raise)
    assert.deepEqual(await heldTo(run, {}), ['tokens', 60])
    await admitBudgetChange(db, {
      ...raise,
      change: { add: { maxTokens: -1 }, by: 'bob' },
      changeId: 'chg_2',
    })
    assert.deepEqual(await heldTo(run, {}), ['tokens', 60])
    await admitBudgetChange(db, {
      ...raise,
      change: { limits: { maxTokens: 30 }, by: 'bob' },
      changeId: 'chg_3',
    })
    assert.deepEqual(await heldTo(run, {}), ['tokens', 30])
    await admitBudgetChange(db, {
      ...raise,
      change: { limits: { maxTokens: 9_000 }, by: 'bob' },
      changeId: 'chg_4',
    })
    assert.equal(await heldTo(run, {}), 'begun')
  })

  test('a sub-agent’s share comes out of the accepted limits, whatever its parent is given', async () => {
    const run = await startWith({ maxTokens: 5_000 })
    const opened = await openChild(db, childOf(run, { limits: { maxTokens: 1_000_000 } }))
    assert.deepEqual(opened, { limits: { maxTokens: 5_000 } })
  })
})
