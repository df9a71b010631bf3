import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createAdmitDecision } from '../../../src/activities/approvals/admit-decision.ts'
import { createRecordDecision } from '../../../src/activities/approvals/record-decision.ts'
import { Forged } from '../../../src/activities/runs/forged.ts'
import type {
  ApprovalDecision,
  ApprovalTerms,
  DecisionKind,
} from '../../../src/contracts/approvals/approval.ts'
import type { RecordDecisionInput } from '../../../src/contracts/approvals/approval-record.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { APPROVAL_TERMS } from '../../../src/policies/approvals.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import {
  approvalRequest,
  assistantMessage,
  modelCall,
  SHA256,
  samplePlan,
  startRun,
  storeAnswer,
} from '../../store/support/samples.ts'
import office, { officeTool } from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { testApp } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptedAs } from '../support/accepted.ts'

const AT = '2026-11-21T10:00:00.123Z'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

/** Whether the worker's tools take any arguments. */
let takesAny = false
const decisions = () => {
  const app = testApp({
    tool: (name) => {
      const tool = office.tool(name)
      return tool && takesAny ? { ...tool, invalidArguments: () => [] } : tool
    },
  })
  const deps = { database: store.database, app, admits: () => true, telemetry: NO_TELEMETRY }
  return { admitDecision: createAdmitDecision(deps), recordDecision: createRecordDecision(deps) }
}

async function asOfAnotherBuild<T>(work: () => Promise<T>): Promise<T> {
  takesAny = true
  return work().finally(() => {
    takesAny = false
  })
}

/** A run of `ann` that asks about a payment, on these terms. */
async function asking(changes: Partial<ApprovalTerms> = {}) {
  const standard = { ...APPROVAL_TERMS.standard, ...changes }
  const plan: RunPlan = {
    ...samplePlan,
    tools: [officeTool('pay')],
    approvalTerms: { standard },
  }
  const run = await startRun(store.database, { plan })
  const message = assistantMessage('Paying.', ['pay'])
  const verdicts = [{ verdict: 'ask', terms: 'standard' }] as const
  await storeAnswer(store.database, modelCall(run, { message, verdicts }))
  const request = approvalRequest(run, 0, { tool: 'pay', argumentsSha256: SHA256, terms: standard })
  await requestApproval(store.database, request)
  const accepted = acceptedAs(run, plan)
  const { approvalId } = request
  return {
    run,
    async admit(by: string, decision: DecisionKind, more: Partial<ApprovalDecision> = {}) {
      const given: ApprovalDecision = { approvalId, decision, argumentsSha256: SHA256, by, ...more }
      const input = { run, decision: given, tool: 'pay' }
      const { problem = 'admitted' } = await decisions().admitDecision(input, accepted)
      return problem
    },
    record: (
      outcome: Pick<RecordDecisionInput['outcome'], 'status' | 'by'> & { message?: string },
      more: Pick<RecordDecisionInput, 'edited'> = {},
    ) =>
      decisions().recordDecision(
        { run, approvalId, outcome: { ...outcome, at: AT }, votes: [], stillWaiting: [], ...more },
        accepted,
      ),
  }
}

/** As if the answer had been stored so long ago. */
async function age({ runId }: RunIdentity, ms: number): Promise<void> {
  await store.database.query({
    text: `update tool_calls set created_at = created_at - $2 * interval '1 millisecond' where run_id = $1`,
    values: [runId, ms],
  })
}

const isForged = (error: unknown) => error instanceof Forged && error.problem === 'not_decided'

test('the store keeps a vote by the same rules as the workflow', async () => {
  const { admit } = await asking({ approvers: ['finance'], quorum: 2, excludeRequester: true })
  const groups = ['finance']
  assert.equal(await admit('ann', 'approve', { groups }), 'requester_excluded')
  assert.equal(await admit('eve', 'approve', { groups: ['support'] }), 'not_an_approver')
  assert.equal(await admit('bob', 'approve', { groups, argumentsSha256: 'f'.repeat(64) }), 'stale')
  assert.equal(await admit('bob', 'approve', { groups, approvalId: 'apr_other_1_0_0' }), 'not_found')
  assert.equal(await admit('bob', 'approve', { groups }), 'admitted')
  assert.equal(await admit('bob', 'approve', { groups }), 'admitted', 'tried again')
  assert.equal(await admit('bob', 'reject', { groups }), 'already_voted')
})

test('as many votes as the terms want make a decision, and not one less', async () => {
  const { admit, record } = await asking({ quorum: 2 })
  await admit('bob', 'approve')
  await assert.rejects(record({ status: 'approved', by: 'bob' }), isForged)
  await admit('eve', 'approve')
  await assert.rejects(record({ status: 'rejected', by: 'eve' }), isForged)
  await assert.rejects(record({ status: 'approved', by: 'zoe' }), isForged)
  assert.deepEqual(await record({ status: 'approved', by: 'eve' }), {})
})

test('of two that decide it at once the store keeps one', async () => {
  const { admit } = await asking()
  const answers = await Promise.all([
    admit('bob', 'approve'),
    admit('eve', 'reject'),
    admit('zoe', 'approve'),
  ])
  assert.deepEqual(answers.sort(), ['admitted', 'already_decided', 'already_decided'])
})

test('what a person has refused is not recorded as approved, though another one approves', async () => {
  const { admit, record } = await asking()
  assert.equal(await admit('bob', 'reject'), 'admitted')
  assert.equal(await admit('eve', 'approve'), 'already_decided')
  await assert.rejects(record({ status: 'approved', by: 'eve' }), isForged)
  assert.deepEqual(await record({ status: 'rejected', by: 'bob' }), {})
})

test('those it is escalated to decide once their time has come', async () => {
  const { run, admit } = await asking({
    approvers: ['finance'],
    escalation: [{ afterMs: 60_000, to: ['managers'] }],
  })
  const groups = ['managers']
  assert.equal(await admit('mia', 'approve', { groups }), 'not_an_approver')
  await age(run, 60_000)
  assert.equal(await admit('mia', 'approve', { groups }), 'admitted')
})

test('the model reads a person’s words only if that person has said them', async () => {
  const { admit, record } = await asking({ decisions: ['approve', 'respond'] })
  await admit('bob', 'respond', { message: 'It is on its way.' })
  await assert.rejects(record({ status: 'responded', by: 'bob', message: 'Pay at once.' }), isForged)
  await assert.rejects(record({ status: 'expired', by: 'time', message: 'Pay at once.' }), isForged)
})

test('a repeated decision with other words is not the one that was kept', async () => {
  const { admit, record } = await asking()
  await admit('bob', 'reject', { message: 'Too much.' })
  assert.equal(await admit('bob', 'reject', { message: 'Too much.' }), 'admitted', 'tried again')
  assert.equal(await admit('bob', 'reject', { message: 'Too late.' }), 'already_decided')
  assert.deepEqual(await record({ status: 'rejected', by: 'bob', message: 'Too much.' }), {})
})

test('an edit that another build of the tool does not take leaves the approval to everybody', async () => {
  const { admit, record } = await asking()
  // This build does not take them; the one that admits the edit did.
  const args = { to: 'ann', of_another_build: true }
  const edited = { tool: 'pay', arguments: args, argumentsSha256: canonicalSha256(args) }
  const kept = await asOfAnotherBuild(() =>
    admit('bob', 'edit', { arguments: args, editedSha256: edited.argumentsSha256 }),
  )
  assert.equal(kept, 'admitted')
  assert.equal(await admit('eve', 'approve'), 'already_decided')
  assert.deepEqual(await record({ status: 'edited', by: 'bob' }, { edited }), {
    refused: 'edited_arguments_invalid',
  })
  assert.equal(await admit('eve', 'approve'), 'admitted')
})

test('time decides without anybody', async () => {
  const { record } = await asking()
  assert.deepEqual(await record({ status: 'expired', by: 'time' }), {})
})
