import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { type Person, whyMayNotDecide } from '../../../src/contracts/approvals/approval.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { findApproval, isApproverOfRun, listApprovals } from '../../../src/store/approvals/approvals.ts'
import { recordDecision } from '../../../src/store/approvals/record-decision.ts'
import { recordProgress } from '../../../src/store/approvals/record-progress.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { forEachDatabase } from '../../support/database.ts'
import { approvalRequest, samplePlan, startRun } from '../support/samples.ts'

const AT = '2026-11-21T10:00:00.123Z'
const names = fc.constantFrom('ann', 'bob', 'cat', 'dan')
const groups = fc.uniqueArray(fc.constantFrom('finance', 'managers', 'board', 'ann'), { maxLength: 3 })
const person: fc.Arbitrary<Person> = fc.record({ principal: names, groups })

const scenario = fc.record({
  requester: names,
  excludeRequester: fc.boolean(),
  ofTerms: groups,
  named: fc.option(fc.record({ principals: fc.uniqueArray(names, { maxLength: 2 }), groups }), {
    nil: undefined,
  }),
  escalatedTo: groups,
  voters: fc.uniqueArray(names, { maxLength: 2 }),
  decided: fc.boolean(),
  people: fc.array(person, { minLength: 1, maxLength: 5 }),
})

type Given = typeof scenario extends fc.Arbitrary<infer S> ? S : never

/** As many as show every way in which somebody may not decide; more would only take longer. */
const RUNS = 60

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('the store lists for a person just what the contract lets them decide', async () => {
    const seen = new Map<string, number>()
    const play = async (given: Given) => {
      const run = await asking(given)
      const { approvalId } = approvalRequest(run, 0)
      const approval = await findApproval(db, run.tenant, approvalId)
      assert.ok(approval)
      for (const one of given.people) {
        const listed = await listApprovals(db, {
          tenant: run.tenant,
          runId: run.runId,
          decidableBy: one,
          limit: 10,
        })
        const why = whyMayNotDecide(approval, one)
        seen.set(why ?? 'may', (seen.get(why ?? 'may') ?? 0) + 1)
        assert.equal(listed.length, why === null ? 1 : 0, `${JSON.stringify(one)}: ${why ?? 'may'}`)
        const mayRead = await isApproverOfRun(db, run.tenant, run.runId, one)
        assert.ok(mayRead || why !== null, 'who may decide may read the run')
      }
    }
    await fc.assert(fc.asyncProperty(scenario, play), { numRuns: RUNS })
    const all = ['may', 'already_decided', 'requester_excluded', 'not_an_approver', 'already_voted']
    assert.deepEqual([...seen.keys()].sort(), all.sort())
  })

  /** A run of the requester's whose approval waits, or has been decided. */
  async function asking(given: Given) {
    const { requester, excludeRequester, ofTerms, named, escalatedTo, voters, decided } = given
    const run: RunIdentity = await startRun(db, { principal: requester })
    const terms = { ...samplePlan.approvalTerms.standard, approvers: ofTerms, excludeRequester }
    const request = approvalRequest(run, 0, { terms, ...(named && { approvers: named }) })
    await requestApproval(db, request)
    const { approvalId } = request
    const votes = voters.map((by) => ({ by, decision: 'approve' as const, at: AT }))
    const asked = await findApproval(db, run.tenant, approvalId)
    const approvers = [...new Set([...(asked?.approvers ?? []), ...escalatedTo])]
    const expiresAt = '2030-01-02T03:04:05.678Z'
    const what = ['escalated'] as const
    await recordProgress(db, { run, approvalId, progress: 1, votes, approvers, expiresAt, what })
    if (decided) {
      const outcome = { status: 'approved', by: 'bob', at: AT } as const
      await recordDecision(db, { run, approvalId, outcome, votes, stillWaiting: [] })
    }
    return run
  }
})
