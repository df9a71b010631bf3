import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { findApproval, listApprovals } from '../../../src/store/approvals/approvals.ts'
import { type RecordDecision, recordDecision } from '../../../src/store/approvals/record-decision.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventsOf, eventTypesOf, transcriptOf } from '../support/histories.ts'
import {
  approvalRequest,
  assistantMessage,
  modelCall,
  startRun,
  storeAnswer,
  toolMessage,
  toolResult,
} from '../support/samples.ts'

const AT = '2026-11-21T10:00:00.123Z'

function approved(run: RunIdentity, index: number): RecordDecision {
  const { approvalId } = approvalRequest(run, index)
  return {
    run,
    approvalId,
    outcome: { status: 'approved', by: 'bob', at: AT, comment: 'fine' },
    votes: [{ by: 'bob', decision: 'approve', at: AT, comment: 'fine' }],
    stillWaiting: [],
  }
}

function rejected(run: RunIdentity, index: number): RecordDecision {
  const { approvalId } = approvalRequest(run, index)
  const seq = 2 + index
  return {
    run,
    approvalId,
    outcome: { status: 'rejected', by: 'bob', at: AT, message: 'Too much.' },
    votes: [{ by: 'bob', decision: 'reject', at: AT }],
    toolResult: { index, seq, callId: `call_${index}`, tool: 'issue_refund', code: 'tool_rejected' },
    message: toolMessage(index, 'A person rejected this call.', true),
    stillWaiting: [],
  }
}

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  async function startWithRefunds(count: number, tenant = 'acme'): Promise<RunIdentity> {
    const run = await startRun(db, { tenant })
    const message = assistantMessage('I would refund.', Array(count).fill('issue_refund'))
    await storeAnswer(db, modelCall(run, { message }))
    return run
  }

  async function countWaiting({ tenant, runId }: RunIdentity): Promise<number> {
    const action = (await findRun(db, tenant, runId))?.requiredAction
    return action?.type === 'approval' ? action.approvals.length : 0
  }

  test('an approval is put once, and the run waits for it', async () => {
    const run = await startWithRefunds(1)
    const request = approvalRequest(run, 0)
    await Promise.all([1, 2, 3].map(() => requestApproval(db, request)))
    const row = await findRun(db, 'acme', run.runId)
    assert.equal(row?.status, 'requires_action')
    assert.equal(row?.reason, 'approval')
    assert.deepEqual(row?.requiredAction, { type: 'approval', approvals: [request.approvalId] })
    const approval = await findApproval(db, 'acme', request.approvalId)
    const { run: _, approvalId, ...asked } = request
    assert.deepEqual(approval, {
      ...asked,
      id: approvalId,
      runId: run.runId,
      parentRunId: null,
      tenant: 'acme',
      requester: 'ann',
      facts: null,
      decisionSha256: request.argumentsSha256,
      approvers: [],
      principals: [],
      votes: [],
      status: 'pending',
      requestedAt: approval?.requestedAt,
      outcome: null,
      edited: null,
    })
    const last = (await eventsOf(db, run)).at(-1)
    assert.equal(last?.seq, 4)
    assert.equal(last?.type, 'approval.requested')
    assert.deepEqual(last?.data, {
      approval_id: approvalId,
      step: 1,
      index: 0,
      tool: 'issue_refund',
      effect: 'irreversible',
      arguments_sha256: 'c'.repeat(64),
      cause: 'policy',
      rule: 'above-limit',
      expires_at: '2030-01-02T03:04:05.678Z',
    })
  })

  test('approvals asked for at once all wait, and the run goes on after the last decision, in whatever order', async () => {
    const run = await startWithRefunds(4)
    await Promise.all([0, 1, 2, 3].map((index) => requestApproval(db, approvalRequest(run, index))))
    assert.equal(await countWaiting(run), 4)
    await recordDecision(db, approved(run, 2))
    const fewer = await findRun(db, 'acme', run.runId)
    assert.equal(fewer?.status, 'requires_action')
    assert.equal(await countWaiting(run), 3)
    await Promise.all([0, 1, 3].map((index) => recordDecision(db, approved(run, index))))
    const goesOn = await findRun(db, 'acme', run.runId)
    assert.equal(goesOn?.status, 'in_progress')
    assert.equal(goesOn?.reason, null)
    assert.equal(goesOn?.requiredAction, null)
    assert.equal((await eventsOf(db, run)).length, 3 + 4 + 4)
  })

  test('a decision is kept once, however often it is delivered and whatever comes after it', async () => {
    const run = await startWithRefunds(1)
    await requestApproval(db, approvalRequest(run, 0))
    await Promise.all([1, 2, 3].map(() => recordDecision(db, approved(run, 0))))
    await recordDecision(db, rejected(run, 0))
    await requestApproval(db, approvalRequest(run, 0))
    const approval = await findApproval(db, 'acme', approvalRequest(run, 0).approvalId)
    assert.equal(approval?.status, 'approved')
    assert.deepEqual(approval?.outcome, { status: 'approved', by: 'bob', at: AT, comment: 'fine' })
    assert.equal((await findRun(db, 'acme', run.runId))?.status, 'in_progress')
    const events = (await eventsOf(db, run)).slice(4)
    assert.deepEqual(
      events.map(({ type, data }) => [type, data]),
      [
        [
          'approval.decided',
          {
            approval_id: approvalRequest(run, 0).approvalId,
            status: 'approved',
            by: 'bob',
            comment: 'fine',
            votes: [{ by: 'bob', decision: 'approve', at: AT, comment: 'fine' }],
          },
        ],
      ],
    )
    assert.equal((await transcriptOf(db, run)).length, 2)
  })

  test('a rejected call is over: the model reads why, and a late result changes nothing', async () => {
    const run = await startWithRefunds(1)
    await requestApproval(db, approvalRequest(run, 0))
    await recordDecision(db, rejected(run, 0))
    assert.equal((await transcriptOf(db, run)).at(-1), '2 tool A person rejected this call.')
    const late = await storeToolResult(db, toolResult(run, 0))
    assert.equal(late, 'not_authorised')
    assert.equal((await transcriptOf(db, run)).at(-1), '2 tool A person rejected this call.')
    assert.equal((await findRun(db, 'acme', run.runId))?.usage.toolCalls, 0)
    const approval = await findApproval(db, 'acme', approvalRequest(run, 0).approvalId)
    assert.equal(approval?.outcome?.message, 'Too much.')
  })

  test('a result without its message, or a message without its place, is a mistake of the caller', async () => {
    const run = await startWithRefunds(1)
    const { message: _, ...withoutMessage } = rejected(run, 0)
    await assert.rejects(recordDecision(db, withoutMessage), TypeError)
  })

  test('what still waits is cancelled with the run, and stays so', async () => {
    const run = await startWithRefunds(2)
    for (const index of [0, 1]) await requestApproval(db, approvalRequest(run, index))
    await recordDecision(db, approved(run, 1))
    const approvals = [approvalRequest(run, 0).approvalId]
    await closeRun(db, {
      run,
      status: 'cancelled',
      reason: 'cancel_requested',
      steps: 1,
      approvals,
      failedHops: [],
    })
    const closed = await findRun(db, 'acme', run.runId)
    assert.equal(closed?.requiredAction, null)
    await recordDecision(db, approved(run, 0))
    await requestApproval(db, approvalRequest(run, 5))
    assert.deepEqual(await findRun(db, 'acme', run.runId), closed)
    assert.equal((await findApproval(db, 'acme', approvalRequest(run, 0).approvalId))?.status, 'cancelled')
    assert.equal((await findApproval(db, 'acme', approvalRequest(run, 1).approvalId))?.status, 'approved')
    assert.equal(await findApproval(db, 'acme', approvalRequest(run, 5).approvalId), null)
    assert.deepEqual((await eventTypesOf(db, run)).slice(-3), [
      'approval.decided',
      'approval.decided',
      'run.cancelled',
    ])
  })

  test('lists are newest first, page and filter, and keep tenants apart', async () => {
    const run = await startWithRefunds(5, 'lister')
    for (const index of [0, 1, 2, 3, 4]) await requestApproval(db, approvalRequest(run, index))
    await recordDecision(db, approved(run, 0))
    const other = await startWithRefunds(1, 'other')
    await requestApproval(db, approvalRequest(other, 0))

    const tenant = 'lister'
    const whole = await listApprovals(db, { tenant, limit: 100 })
    assert.equal(whole.length, 5)
    const first = await listApprovals(db, { tenant, limit: 3 })
    const second = await listApprovals(db, { tenant, limit: 3, ...(first[2] && { before: first[2] }) })
    assert.deepEqual([...first, ...second], whole)
    const pending = await listApprovals(db, { tenant, status: 'pending', agent: 'support', limit: 100 })
    assert.equal(pending.length, 4)
    assert.equal((await listApprovals(db, { tenant, runId: run.runId, limit: 100 })).length, 5)
    assert.deepEqual(await listApprovals(db, { tenant, runId: other.runId, limit: 100 }), [])
    assert.deepEqual(await listApprovals(db, { tenant, agent: 'assistant', limit: 100 }), [])
    assert.equal(await findApproval(db, tenant, approvalRequest(other, 0).approvalId), null)
  })
})
