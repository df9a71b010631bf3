import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Verdict } from '../../../src/contracts/tools/tool.ts'
import { recordDecision } from '../../../src/store/approvals/record-decision.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { findStoredCall } from '../../../src/store/tools/authorised-call.ts'
import { type ClaimToolCall, claimToolCall } from '../../../src/store/tools/claim-tool-call.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventTypesOf, transcriptOf } from '../support/histories.ts'
import {
  approvalRequest,
  assistantMessage,
  modelCall,
  SHA256,
  startRun,
  storeAnswer,
  toolResult,
} from '../support/samples.ts'

const AT = '2026-11-21T10:00:00.123Z'
const OTHER = 'e'.repeat(64)

function claimOf(run: RunIdentity, changes: Partial<ClaimToolCall> = {}): ClaimToolCall {
  return {
    run,
    step: 1,
    index: 0,
    again: 0,
    tool: 'issue_refund',
    effect: 'irreversible',
    callId: 'call_0',
    argumentsSha256: SHA256,
    attempt: 1,
    claimant: randomUUID(),
    ...changes,
  }
}

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  /** A run whose model has asked for a refund, of which the plan says this. */
  async function startWith(verdict: Verdict): Promise<RunIdentity> {
    const run = await startRun(db)
    const message = assistantMessage('Refunding.', ['issue_refund'])
    await storeAnswer(db, modelCall(run, { message, verdicts: [{ verdict, terms: 'standard' }] }))
    return run
  }

  async function decide(
    run: RunIdentity,
    status: 'approved' | 'edited' | 'rejected',
    again = 0,
    argumentsSha256 = SHA256,
  ): Promise<void> {
    const approvalId = `apr_${run.runId.slice(4)}_1_0_${again}` as const
    await requestApproval(db, approvalRequest(run, 0, { approvalId, argumentsSha256 }))
    await recordDecision(db, {
      run,
      approvalId,
      outcome: { status, by: 'bob', at: AT },
      votes: [],
      ...(status === 'edited' && {
        edited: { tool: 'issue_refund', arguments: { amount: 1 }, argumentsSha256: OTHER },
      }),
      stillWaiting: [],
    })
  }

  const stateOf = async (run: RunIdentity, changes: Partial<ClaimToolCall> = {}) =>
    (await claimToolCall(db, claimOf(run, changes))).state

  test('what the plan allows is claimed as the answer has it, and not otherwise', async () => {
    const run = await startWith('allow')
    for (const other of [
      { argumentsSha256: OTHER },
      { callId: 'call_1' },
      { tool: 'create_return' },
      { index: 1 },
      { step: 2 },
      { again: 1 },
    ]) {
      assert.equal(await stateOf(run, other), 'not_authorised', JSON.stringify(other))
    }
    assert.equal(await stateOf(run), 'claimed')
    assert.equal(await stateOf(run), 'begun_before')
  })

  test('what the plan denies is never claimed, whatever has been decided', async () => {
    const run = await startWith('deny')
    await decide(run, 'approved')
    assert.equal(await stateOf(run), 'not_authorised')
  })

  test('what the plan asks about takes the approval of just this call', async () => {
    const run = await startWith('ask')
    assert.equal(await stateOf(run), 'not_authorised')
    await requestApproval(db, approvalRequest(run, 0, { argumentsSha256: SHA256 }))
    assert.equal(await stateOf(run), 'not_authorised')

    const approved = await startWith('ask')
    await decide(approved, 'approved')
    assert.equal(await stateOf(run), 'not_authorised', 'another run’s approval')
    assert.equal(await stateOf(approved, { again: 1 }), 'not_authorised')
    assert.equal(await stateOf(approved), 'claimed')

    const rejected = await startWith('ask')
    await decide(rejected, 'rejected')
    assert.equal(await stateOf(rejected), 'not_authorised')
    const other = await startWith('ask')
    await decide(other, 'approved', 0, OTHER)
    assert.equal(await stateOf(other), 'not_authorised', 'an approval of other arguments')
  })

  test('a call that a person has changed is made as they have changed it', async () => {
    const run = await startWith('ask')
    await decide(run, 'edited')
    assert.equal(await stateOf(run), 'not_authorised')
    assert.equal(await stateOf(run, { argumentsSha256: OTHER }), 'claimed')
    const call = await findStoredCall(db, { run, step: 1, index: 0, again: 0 })
    assert.deepEqual([call?.arguments, call?.argumentsSha256], [{ amount: 1 }, OTHER])
  })

  test('a call is made again for each time that a person says so', async () => {
    const run = await startWith('allow')
    assert.equal(await stateOf(run), 'claimed')
    await decide(run, 'approved', 1)
    assert.equal(await stateOf(run, { again: 2 }), 'not_authorised')
    assert.equal(await stateOf(run, { again: 1 }), 'claimed')
  })

  test('a result that no stored call has is not kept, nor put in another’s place', async () => {
    const run = await startWith('allow')
    const message = { ...toolResult(run, 0).message, tool: 'issue_refund' }
    const before = await eventTypesOf(db, run)
    for (const other of [{ argumentsSha256: OTHER }, { seq: 0 }, { index: 3 }]) {
      assert.equal(await storeToolResult(db, toolResult(run, 0, { message, ...other })), 'not_authorised')
    }
    assert.deepEqual(await eventTypesOf(db, run), before)
    assert.equal((await transcriptOf(db, run)).length, 2)
    assert.deepEqual(await storeToolResult(db, toolResult(run, 0, { message })), {
      outcome: { status: 'ok', preview: '{"ok":true}' },
      handedBy: null,
    })
  })
})
