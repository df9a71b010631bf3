import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { BudgetReached, RecordBudgetInput } from '../../../src/contracts/budgets/budget.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { recordDecision } from '../../../src/store/approvals/record-decision.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import { recordBudget } from '../../../src/store/budgets/record-budget.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventsOf } from '../support/histories.ts'
import { approvalRequest, startRun } from '../support/samples.ts'

const EXPIRES_AT = '2026-11-28T10:00:00.000Z'
const LIMITS = { maxCostMicroUsd: 1_000, maxSteps: 5 }
const REACHED: BudgetReached = {
  scope: 'principal',
  limit: 'cost',
  period: 'day',
  allowed: 1_000,
  used: 990,
  resetsAt: '2026-11-22T00:00:00.000Z',
}

function reached(run: RunIdentity, changes: Partial<RecordBudgetInput> = {}): RecordBudgetInput {
  return {
    run,
    progress: 1,
    notices: ['reached'],
    limits: LIMITS,
    waits: { reached: REACHED, expiresAt: EXPIRES_AT },
    reached: REACHED,
    ...changes,
  }
}

function resumed(run: RunIdentity): RecordBudgetInput {
  const limits = { maxCostMicroUsd: 2_000 }
  return { run, progress: 3, notices: ['changed', 'resumed'], limits, reached: REACHED, changedBy: ['bob'] }
}

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  const rowOf = async ({ tenant, runId }: RunIdentity) => {
    const row = await findRun(db, tenant, runId)
    assert.ok(row)
    return row
  }

  test('a run that waits for its budget says so, with what was reached and how long it waits', async () => {
    const run = await startRun(db)
    await recordBudget(db, reached(run))
    const row = await rowOf(run)
    assert.deepEqual([row.status, row.reason], ['requires_action', 'budget'])
    assert.deepEqual(row.requiredAction, { type: 'budget', reached: REACHED, expiresAt: EXPIRES_AT })
    assert.deepEqual(row.budget.limits, LIMITS)
    const last = (await eventsOf(db, run)).at(-1)
    assert.deepEqual(
      [last?.type, last?.data],
      [
        'budget.reached',
        {
          scope: 'principal',
          limit: 'cost',
          period: 'day',
          allowed: 1_000,
          used: 990,
          resets_at: '2026-11-22T00:00:00.000Z',
          limits: { max_cost_micro_usd: 1_000, max_steps: 5 },
          expires_at: EXPIRES_AT,
        },
      ],
    )
  })

  test('the event says how the try before has failed; later ones about the limit do not repeat it', async () => {
    const run = await startRun(db)
    const failed: BudgetReached = { ...REACHED, lastFailure: 'model_answer_malformed' }
    await recordBudget(db, reached(run, { notices: ['reached', 'finishing'], reached: failed }))
    assert.deepEqual(
      (await eventsOf(db, run)).slice(-2).map(({ type, data }) => [type, data['last_failure']]),
      [
        ['budget.reached', 'model_answer_malformed'],
        ['budget.finishing', undefined],
      ],
    )
  })

  test('it goes on with new limits, and tells who has set them', async () => {
    const run = await startRun(db)
    await recordBudget(db, reached(run))
    await recordBudget(db, resumed(run))
    const row = await rowOf(run)
    assert.deepEqual([row.status, row.reason, row.requiredAction], ['in_progress', null, null])
    assert.deepEqual(row.budget.limits, { maxCostMicroUsd: 2_000 })
    const told = (await eventsOf(db, run)).slice(-2)
    assert.deepEqual(
      told.map(({ type, data }) => [type, data['limits'], data['by']]),
      [
        ['budget.changed', { max_cost_micro_usd: 2_000 }, 'bob'],
        ['budget.resumed', { max_cost_micro_usd: 2_000 }, undefined],
      ],
    )
  })

  test('each of several changes says whose it is; of those that 0.2 recorded, the last author is known', async () => {
    const run = await startRun(db)
    const notices = ['changed', 'threshold', 'changed'] as const
    await recordBudget(db, { run, progress: 3, notices, limits: LIMITS, changedBy: ['ann', 'bob'] })
    await recordBudget(db, { run, progress: 4, notices: ['changed'], limits: LIMITS, by: 'cat' })
    const told = (await eventsOf(db, run)).slice(-4).map(({ data }) => data['by'])
    assert.deepEqual(told, ['ann', undefined, 'bob', 'cat'])
  })

  test('each notice has one event, and an older one changes nothing any more', async () => {
    const run = await startRun(db)
    await Promise.all([1, 2, 3].map(() => recordBudget(db, reached(run))))
    await recordBudget(db, resumed(run))
    const [row, events] = [await rowOf(run), await eventsOf(db, run)]
    await recordBudget(db, reached(run))
    await recordBudget(db, resumed(run))
    assert.deepEqual(await rowOf(run), row)
    assert.deepEqual(await eventsOf(db, run), events)
    assert.equal(events.length, 2 + 3)
  })

  test('approvals that wait come first, and the budget after them', async () => {
    const run = await startRun(db)
    await recordBudget(db, reached(run))
    const { approvalId } = approvalRequest(run, 0)
    await requestApproval(db, approvalRequest(run, 0))
    const asked = await rowOf(run)
    assert.deepEqual(asked.requiredAction, { type: 'approval', approvals: [approvalId] })
    assert.equal(asked.reason, 'approval')
    await recordDecision(db, {
      run,
      approvalId,
      outcome: { status: 'approved', by: 'bob', at: EXPIRES_AT },
      votes: [],
      stillWaiting: [],
    })
    assert.equal((await rowOf(run)).requiredAction?.type, 'budget')
    assert.equal((await rowOf(run)).reason, 'budget')
    await requestApproval(db, approvalRequest(run, 1))
    await recordBudget(db, resumed(run))
    const goesOn = await rowOf(run)
    assert.deepEqual([goesOn.status, goesOn.reason], ['requires_action', 'approval'])
  })

  test('notices that say nothing of waiting leave the status as it is', async () => {
    const run = await startRun(db)
    const { waits: _, ...goesOn } = reached(run, {
      notices: ['reached', 'degraded', 'threshold'],
      progress: 3,
    })
    await recordBudget(db, goesOn)
    assert.equal((await rowOf(run)).status, 'in_progress')
    const types = (await eventsOf(db, run)).slice(-3).map(({ type }) => type)
    assert.deepEqual(types, ['budget.reached', 'budget.degraded', 'budget.threshold'])
  })

  test('a run that has ended waits for nothing', async () => {
    const run = await startRun(db)
    await recordBudget(db, reached(run))
    await closeRun(db, { run, status: 'expired', reason: 'budget', steps: 1, approvals: [], failedHops: [] })
    const closed = await rowOf(run)
    assert.equal(closed.requiredAction, null)
    await recordBudget(db, resumed(run))
    assert.deepEqual(await rowOf(run), closed)
  })
})
