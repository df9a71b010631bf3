import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { findApproval, listApprovals } from '../../../src/store/approvals/approvals.ts'
import { type RecordDecision, recordDecision } from '../../../src/store/approvals/record-decision.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import { recordBudget } from '../../../src/store/budgets/record-budget.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { forEachDatabase } from '../../support/database.ts'
import { identityOf, startChild } from '../support/children.ts'
import { eventsOf } from '../support/histories.ts'
import { approvalRequest, startRun } from '../support/samples.ts'

const AT = '2026-11-21T10:00:00.123Z'

function approved(run: RunIdentity, index: number): RecordDecision {
  return {
    run,
    approvalId: approvalRequest(run, index).approvalId,
    outcome: { status: 'approved', by: 'bob', at: AT },
    votes: [],
    stillWaiting: [],
  }
}

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  async function startFamily(): Promise<{ run: RunIdentity; child: RunIdentity }> {
    const run = await startRun(db)
    return { run, child: identityOf(await startChild(db, run)) }
  }

  async function waitsOf({ runId }: RunIdentity): Promise<unknown[]> {
    const row = await findRun(db, 'acme', runId)
    return [row?.status, row?.reason, row?.requiredAction]
  }

  const waitsFor = (...approvals: string[]) => [
    'requires_action',
    'approval',
    { type: 'approval', approvals },
  ]
  const GOES_ON = ['in_progress', null, null]

  test("a sub-agent's approval is the run's that it works for, and both tell it", async () => {
    const { run, child } = await startFamily()
    const request = approvalRequest(child, 0)
    await Promise.all([1, 2, 3].map(() => requestApproval(db, request)))
    const { approvalId } = request
    assert.deepEqual(await waitsOf(child), waitsFor(approvalId))
    assert.deepEqual(await waitsOf(run), waitsFor(approvalId))
    const approval = await findApproval(db, 'acme', approvalId)
    assert.deepEqual([approval?.runId, approval?.parentRunId], [child.runId, run.runId])
    const inbox = await listApprovals(db, { tenant: 'acme', runId: child.runId, limit: 10 })
    assert.deepEqual(inbox, [approval])

    await Promise.all([1, 2, 3].map(() => recordDecision(db, approved(child, 0))))
    assert.deepEqual(await waitsOf(child), GOES_ON)
    assert.deepEqual(await waitsOf(run), GOES_ON)
    const [own, above] = [(await eventsOf(db, child)).slice(-2), (await eventsOf(db, run)).slice(-2)]
    assert.deepEqual(
      own.map(({ type }) => type),
      ['approval.requested', 'approval.decided'],
    )
    assert.deepEqual(
      above.map(({ type, data }) => [type, data]),
      own.map(({ type, data }) => [type, { ...data, child_run_id: child.runId }]),
    )
  })

  test('it waits beside the approvals of the run itself and of other sub-agents, decided in whatever order', async () => {
    const { run, child } = await startFamily()
    const other = identityOf(await startChild(db, run, { index: 1 }))
    const everybody = [run, child, other]
    await Promise.all(everybody.map((one) => requestApproval(db, approvalRequest(one, 0))))
    const row = await findRun(db, 'acme', run.runId)
    const ids = everybody.map((one) => approvalRequest(one, 0).approvalId)
    assert.ok(row?.requiredAction?.type === 'approval')
    assert.deepEqual(row.requiredAction.approvals.toSorted(), ids.toSorted())
    await recordDecision(db, approved(run, 0))
    assert.deepEqual((await waitsOf(run)).slice(0, 2), ['requires_action', 'approval'])
    await Promise.all([child, other].map((one) => recordDecision(db, approved(one, 0))))
    for (const one of everybody) assert.deepEqual(await waitsOf(one), GOES_ON)
    await eventsOf(db, run)
  })

  test('a sub-agent that ends takes back what it waited for, and nothing else', async () => {
    const { run, child } = await startFamily()
    for (const one of [child, run]) await requestApproval(db, approvalRequest(one, 0))
    await requestApproval(db, approvalRequest(child, 1))
    const close = { run: child, status: 'cancelled', steps: 1, approvals: [], failedHops: [] } as const
    await Promise.all([closeRun(db, close), closeRun(db, close)])
    assert.deepEqual(await waitsOf(run), waitsFor(approvalRequest(run, 0).approvalId))
    const told = (await eventsOf(db, run)).slice(-2)
    assert.deepEqual(
      told.map(({ type, data }) => [type, data]),
      [0, 1].map((index) => [
        'approval.decided',
        {
          approval_id: approvalRequest(child, index).approvalId,
          status: 'cancelled',
          by: 'run',
          child_run_id: child.runId,
        },
      ]),
    )
  })

  test('a run that has ended is left alone by its sub-agents', async () => {
    const { run, child } = await startFamily()
    await requestApproval(db, approvalRequest(child, 0))
    await closeRun(db, { run, status: 'cancelled', steps: 1, approvals: [], failedHops: [] })
    const closed = await findRun(db, 'acme', run.runId)
    const events = await eventsOf(db, run)
    await recordDecision(db, approved(child, 0))
    await requestApproval(db, approvalRequest(child, 1))
    await closeRun(db, { run: child, status: 'cancelled', steps: 1, approvals: [], failedHops: [] })
    assert.deepEqual(await findRun(db, 'acme', run.runId), closed)
    assert.deepEqual(await eventsOf(db, run), events)
  })

  test('a run that waits for its budget too still waits when its sub-agent goes on', async () => {
    const { run, child } = await startFamily()
    const reached = { scope: 'run', limit: 'cost', allowed: 10, used: 9 } as const
    await requestApproval(db, approvalRequest(child, 0))
    await recordBudget(db, {
      run,
      progress: 1,
      notices: ['reached'],
      limits: {},
      reached,
      waits: { reached, expiresAt: AT },
    })
    assert.deepEqual(await waitsOf(run), waitsFor(approvalRequest(child, 0).approvalId))
    await recordDecision(db, approved(child, 0))
    assert.deepEqual(await waitsOf(run), [
      'requires_action',
      'budget',
      { type: 'budget', reached, expiresAt: AT },
    ])
  })
})
