import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Vote } from '../../../src/contracts/approvals/approval.ts'
import type { RecordProgressInput } from '../../../src/contracts/approvals/approval-record.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { findApproval } from '../../../src/store/approvals/approvals.ts'
import { recordDecision } from '../../../src/store/approvals/record-decision.ts'
import { recordProgress } from '../../../src/store/approvals/record-progress.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { forEachDatabase } from '../../support/database.ts'
import { TWO_OF_FINANCE } from '../../support/terms.ts'
import { eventsOf } from '../support/histories.ts'
import { approvalRequest, assistantMessage, modelCall, startRun, storeAnswer } from '../support/samples.ts'

const AT = '2026-11-21T10:00:00.123Z'
const BOB: Vote = { by: 'bob', decision: 'approve', at: AT, comment: 'fine' }
const CAT: Vote = { by: 'cat', decision: 'approve', at: AT }
const EXPIRES = '2030-01-02T03:04:05.678Z'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  async function ask(): Promise<RunIdentity> {
    const run = await startRun(db)
    await storeAnswer(db, modelCall(run, { message: assistantMessage('I would.', ['issue_refund']) }))
    await requestApproval(db, approvalRequest(run, 0, { terms: TWO_OF_FINANCE }))
    return run
  }

  function progress(run: RunIdentity, changes: Partial<RecordProgressInput>): RecordProgressInput {
    const { approvalId } = approvalRequest(run, 0)
    const still = { votes: [], approvers: ['finance'], expiresAt: EXPIRES, what: [] }
    return { run, approvalId, progress: 1, ...still, ...changes }
  }

  const find = (run: RunIdentity) => findApproval(db, run.tenant, approvalRequest(run, 0).approvalId)
  const toldOf = async (run: RunIdentity) =>
    (await eventsOf(db, run)).slice(4).map(({ type, data: { approval_id: _, ...data } }) => [type, data])

  test('an approval keeps its terms, its approvers and who asked', async () => {
    const approval = await find(await ask())
    assert.deepEqual(approval?.terms, TWO_OF_FINANCE)
    assert.deepEqual(approval?.approvers, ['finance'])
    assert.equal(approval?.requester, 'ann')
    assert.deepEqual(approval?.votes, [])
  })

  test('votes, escalations and reminders are stored and have an event, each once, and the run waits on', async () => {
    const run = await ask()
    const voted = progress(run, { votes: [BOB], what: ['voted'] })
    await Promise.all([1, 2, 3].map(() => recordProgress(db, voted)))
    assert.deepEqual((await find(run))?.votes, [BOB])
    const later = progress(run, {
      progress: 4,
      votes: [BOB, CAT],
      approvers: ['finance', 'managers'],
      expiresAt: '2031-01-01T00:00:00.000Z',
      what: ['escalated', 'voted', 'reminded'],
    })
    await recordProgress(db, later)
    // A repeated attempt that comes in late.
    await recordProgress(db, voted)
    const approval = await find(run)
    assert.equal(approval?.status, 'pending')
    assert.deepEqual(approval?.votes, [BOB, CAT])
    assert.deepEqual(approval?.approvers, ['finance', 'managers'])
    assert.equal(approval?.expiresAt, '2031-01-01T00:00:00.000Z')
    const to = { approvers: ['finance', 'managers'], expires_at: '2031-01-01T00:00:00.000Z' }
    assert.deepEqual(await toldOf(run), [
      ['approval.voted', { by: 'bob', decision: 'approve', comment: 'fine' }],
      ['approval.escalated', to],
      ['approval.voted', { by: 'cat', decision: 'approve' }],
      ['approval.reminded', to],
    ])
    assert.equal((await findRun(db, run.tenant, run.runId))?.status, 'requires_action')
  })

  test('nothing goes on after a decision, or after the run', async () => {
    const decided = await ask()
    const { approvalId } = approvalRequest(decided, 0)
    const outcome = { status: 'approved', by: 'cat', at: AT } as const
    await recordDecision(db, { run: decided, approvalId, outcome, votes: [BOB, CAT], stillWaiting: [] })
    await recordProgress(db, progress(decided, { what: ['reminded'] }))
    assert.deepEqual((await find(decided))?.votes, [BOB, CAT])
    assert.deepEqual(
      (await toldOf(decided)).map(([type]) => type),
      ['approval.decided'],
    )

    const ended = await ask()
    await closeRun(db, { run: ended, status: 'cancelled', steps: 1, approvals: [], failedHops: [] })
    await recordProgress(db, progress(ended, { votes: [BOB], what: ['voted'] }))
    assert.deepEqual((await find(ended))?.votes, [])
    assert.equal((await eventsOf(db, ended)).at(-1)?.type, 'run.cancelled')
  })

  test('an edit is kept beside what the model asked for', async () => {
    const run = await ask()
    const request = approvalRequest(run, 0)
    const edited = { tool: 'issue_refund', arguments: { amount: 100 }, argumentsSha256: 'd'.repeat(64) }
    const vote: Vote = { by: 'bob', decision: 'edit', at: AT }
    const outcome = { status: 'edited', by: 'bob', at: AT } as const
    const { approvalId } = request
    await recordDecision(db, { run, approvalId, outcome, votes: [vote], edited, stillWaiting: [] })
    const approval = await find(run)
    assert.equal(approval?.status, 'edited')
    assert.deepEqual(approval?.arguments, request.arguments)
    assert.deepEqual(approval?.edited, { arguments: { amount: 100 }, argumentsSha256: 'd'.repeat(64) })
    assert.deepEqual(await toldOf(run), [
      [
        'approval.decided',
        { status: 'edited', by: 'bob', votes: [vote], edited_arguments_sha256: 'd'.repeat(64) },
      ],
    ])
  })

  test('a person’s answer ends the call as a result, and no late one comes after it', async () => {
    const run = await ask()
    const { approvalId } = approvalRequest(run, 0)
    const call = { callId: 'call_0', tool: 'issue_refund' }
    await recordDecision(db, {
      run,
      approvalId,
      outcome: { status: 'responded', by: 'bob', at: AT, message: 'Paid by hand.' },
      votes: [{ by: 'bob', decision: 'respond', at: AT }],
      toolResult: { ...call, index: 0, seq: 2, message: 'Paid by hand.' },
      message: { ...call, role: 'tool', content: '{"answered_by_person":"Paid by hand."}', isError: false },
      stillWaiting: [],
    })
    assert.equal((await find(run))?.outcome?.message, 'Paid by hand.')
    const [row] = await db.query<{ status: string; outcome: unknown }>({
      text: 'select status, outcome from tool_calls where run_id = $1',
      values: [run.runId],
    })
    assert.deepEqual(row, { status: 'answered', outcome: { status: 'ok', preview: '' } })
  })
})
