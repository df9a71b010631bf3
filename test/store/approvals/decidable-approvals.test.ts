import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Vote } from '../../../src/contracts/approvals/approval.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { APPROVAL_TERMS } from '../../../src/policies/approvals.ts'
import { listApprovals } from '../../../src/store/approvals/approvals.ts'
import { recordDecision } from '../../../src/store/approvals/record-decision.ts'
import { recordProgress } from '../../../src/store/approvals/record-progress.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { forEachDatabase } from '../../support/database.ts'
import { TWO_OF_FINANCE } from '../../support/terms.ts'
import { approvalRequest, startRun } from '../support/samples.ts'

const { standard } = APPROVAL_TERMS
const twoOfFinance = TWO_OF_FINANCE
const EXPIRES = '2030-01-02T03:04:05.678Z'

forEachDatabase((_, open) => {
  let db: Database
  let run: RunIdentity
  /** By index: 0 for everybody, 1 for everybody but the requester, 2 for two of finance. */
  before(async () => {
    db = await open()
    run = await startRun(db, { principal: 'ann' })
    const terms = [standard, { ...standard, excludeRequester: true }, twoOfFinance]
    for (const [index, one] of terms.entries())
      await requestApproval(db, approvalRequest(run, index, { terms: one }))
  })

  async function decidable(principal: string, groups: readonly string[], more = {}): Promise<number[]> {
    const found = await listApprovals(db, {
      tenant: 'acme',
      limit: 10,
      decidableBy: { principal, groups },
      ...more,
    })
    return found.map(({ index }) => index).sort()
  }

  test('everybody sees what is for everybody, and members of a group what is for the group', async () => {
    assert.deepEqual(await decidable('bob', []), [0, 1])
    assert.deepEqual(await decidable('bob', ['support']), [0, 1])
    assert.deepEqual(await decidable('bob', ['support', 'finance']), [0, 1, 2])
  })

  test('who asked for the run does not see what is kept from the requester', async () => {
    assert.deepEqual(await decidable('ann', ['finance']), [0])
  })

  test('it filters and pages like any list, and keeps tenants apart', async () => {
    assert.deepEqual(await decidable('bob', ['finance'], { limit: 2 }), [1, 2])
    assert.deepEqual(await decidable('bob', ['finance'], { agent: 'assistant' }), [])
    assert.deepEqual(await decidable('bob', ['finance'], { tenant: 'other' }), [])
  })

  test('who has voted is not asked again, an escalation brings others in, and a decision ends it for all', async () => {
    const { approvalId } = approvalRequest(run, 2)
    const votes: Vote[] = [{ by: 'bob', decision: 'approve', at: EXPIRES }]
    const approvers = ['finance', 'managers']
    const what = ['voted', 'escalated'] as const
    await recordProgress(db, { run, approvalId, progress: 2, votes, approvers, expiresAt: EXPIRES, what })
    assert.deepEqual(await decidable('bob', ['finance']), [0, 1])
    assert.deepEqual(await decidable('mia', ['managers']), [0, 1, 2])
    const outcome = { status: 'approved', by: 'mia', at: EXPIRES } as const
    await recordDecision(db, { run, approvalId, outcome, votes, stillWaiting: [] })
    assert.deepEqual(await decidable('dan', ['finance']), [0, 1])
  })
})
