import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createDecisions } from '../../../src/activities/approvals/decisions.ts'
import type { ApprovalDecision } from '../../../src/contracts/approval.ts'
import type { RecordDecisionInput } from '../../../src/contracts/approval-record.ts'
import type { JsonObject } from '../../../src/contracts/json.ts'
import type { RunIdentity } from '../../../src/contracts/run.ts'
import { SIZES } from '../../../src/policies/limits.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import { findApproval } from '../../../src/store/approvals/approvals.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import { eventsOf } from '../../store/support/histories.ts'
import { approvalRequest, startRun } from '../../store/support/samples.ts'
import office from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { testApp } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptedAs } from '../support/accepted.ts'

const AT = '2026-11-21T10:00:00.123Z'
const PAYMENT = { to: 'ann', cents: 100 }

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

const decisions = () => createDecisions({ database: store.database, app: office, admits: () => true })

async function ask(): Promise<RunIdentity> {
  const run = await startRun(store.database)
  await requestApproval(store.database, approvalRequest(run, 0, { tool: 'pay' }))
  return run
}

function edit(
  run: RunIdentity,
  args: JsonObject,
  argumentsSha256 = canonicalSha256(args),
): RecordDecisionInput {
  return {
    run,
    approvalId: approvalRequest(run, 0, { tool: 'pay' }).approvalId,
    outcome: { status: 'edited', by: 'bob', at: AT },
    votes: [{ by: 'bob', decision: 'edit', at: AT }],
    edited: { tool: 'pay', arguments: args, argumentsSha256 },
    stillWaiting: [],
  }
}

function editing(run: RunIdentity, args: JsonObject, editedSha256: string): ApprovalDecision {
  const { approvalId, argumentsSha256 } = approvalRequest(run, 0, { tool: 'pay' })
  return { approvalId, decision: 'edit', argumentsSha256, by: 'bob', arguments: args, editedSha256 }
}

const statusOf = async ({ tenant, runId }: RunIdentity) =>
  (await findApproval(store.database, tenant, `apr_${runId.slice(4)}_1_0_0`))?.status

test('an edit that fits the tool and its hash is recorded', async () => {
  const run = await ask()
  assert.deepEqual(await decisions().recordDecision(edit(run, PAYMENT), acceptedAs(run)), {})
  assert.equal(await statusOf(run), 'edited')
})

test('an edit that is not usable decides nothing, and is on the record as refused', async () => {
  const run = await ask()
  const unusable = [
    edit(run, { ...PAYMENT, cents: -1 }),
    edit(run, { ...PAYMENT, extra: true }),
    edit(run, { ...PAYMENT, explanation: 'x'.repeat(SIZES.maxArgumentsBytes) }),
    edit(run, PAYMENT, canonicalSha256({ ...PAYMENT, cents: 101 })),
  ]
  for (const input of unusable) {
    assert.deepEqual(await decisions().recordDecision(input, acceptedAs(run)), {
      refused: 'edited_arguments_invalid',
    })
    assert.equal(await statusOf(run), 'pending')
  }
  const told = (await eventsOf(store.database, run)).slice(3)
  assert.deepEqual(
    told.map(({ type, data }) => [type, data['by'], data['code']]),
    [['approval.refused', 'bob', 'edited_arguments_invalid']],
  )
})

test('an edit that is not usable is known as such before it is taken in', async () => {
  const run = await ask()
  const admit = (tool: string | null, args: JsonObject, editedSha256 = canonicalSha256(args)) =>
    decisions().admitDecision({ run, decision: editing(run, args, editedSha256), tool }, acceptedAs(run))
  assert.deepEqual(await admit('pay', PAYMENT), { admitted: true, usable: true })
  const unusable = await Promise.all([
    admit('pay', { ...PAYMENT, cents: -1 }),
    admit('pay', PAYMENT, canonicalSha256({ ...PAYMENT, cents: 101 })),
    admit(null, PAYMENT),
  ])
  for (const one of unusable) assert.deepEqual(one, { admitted: true, usable: false })
})

test('a worker without the tool leaves the edit to one that has it', async () => {
  const run = await ask()
  const { recordDecision } = createDecisions({
    database: store.database,
    app: testApp(),
    admits: () => true,
  })
  await assert.rejects(recordDecision(edit(run, PAYMENT), acceptedAs(run)), { type: 'agent_unknown' })
  assert.equal(await statusOf(run), 'pending')
})

test('a refused signal of whatever shape can be put on the record', async () => {
  const run = await startRun(store.database)
  const odd = { run, approvalId: undefined, by: 7, code: 'decision_unsigned' }
  await decisions().recordRefusal(
    odd as unknown as Parameters<ReturnType<typeof decisions>['recordRefusal']>[0],
    acceptedAs(run),
  )
  assert.deepEqual((await eventsOf(store.database, run)).at(-1)?.data, {
    approval_id: 'undefined',
    by: '7',
    code: 'decision_unsigned',
  })
})

test('nobody changes the budget of a sub-agent: it is a part of its parent’s', async () => {
  const run: RunIdentity = { runId: 'run_1', tenant: 'acme', principal: 'ann' }
  const change = { id: 'once', add: { maxTokens: 1_000 }, by: 'bob' }
  const { admitBudgetChange } = decisions()
  assert.deepEqual(await admitBudgetChange({ run, change }, acceptedAs(run)), { admitted: true })
  const child: RunIdentity = { ...run, parentRunId: 'run_0' }
  assert.deepEqual(await admitBudgetChange({ run: child, change }, acceptedAs(child)), { admitted: false })
})
