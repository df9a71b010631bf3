import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRecordDecision } from '../../../src/activities/approvals/record-decision.ts'
import type { RecordDecisionInput } from '../../../src/contracts/approvals/approval-record.ts'
import type { JsonObject } from '../../../src/contracts/json.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { SIZES } from '../../../src/policies/limits.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import { findApproval } from '../../../src/store/approvals/approvals.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
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

function record(input: RecordDecisionInput) {
  return createRecordDecision({ telemetry: NO_TELEMETRY, database: store.database, app: office })(
    input,
    acceptedAs(input.run),
  )
}

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

const statusOf = async ({ tenant, runId }: RunIdentity) =>
  (await findApproval(store.database, tenant, `apr_${runId.slice(4)}_1_0_0`))?.status

test('an edit that fits the tool and its hash is recorded', async () => {
  const run = await ask()
  assert.deepEqual(await record(edit(run, PAYMENT)), {})
  assert.equal(await statusOf(run), 'edited')
})

test('an edit that is not usable decides nothing, and is recorded as refused', async () => {
  const run = await ask()
  const unusable = [
    edit(run, { ...PAYMENT, cents: -1 }),
    edit(run, { ...PAYMENT, extra: true }),
    edit(run, { ...PAYMENT, explanation: 'x'.repeat(SIZES.maxArgumentsBytes) }),
    edit(run, PAYMENT, canonicalSha256({ ...PAYMENT, cents: 101 })),
  ]
  for (const input of unusable) {
    assert.deepEqual(await record(input), { refused: 'edited_arguments_invalid' })
    assert.equal(await statusOf(run), 'pending')
  }
  const added = (await eventsOf(store.database, run)).slice(3)
  assert.deepEqual(
    added.map(({ type, data }) => [type, data['by'], data['code']]),
    [['approval.refused', 'bob', 'edited_arguments_invalid']],
  )
})

test('a worker without the tool leaves the edit to one that has it', async () => {
  const run = await ask()
  const recordDecision = createRecordDecision({
    telemetry: NO_TELEMETRY,
    database: store.database,
    app: testApp(),
  })
  await assert.rejects(recordDecision(edit(run, PAYMENT), acceptedAs(run)), { type: 'agent_unknown' })
  assert.equal(await statusOf(run), 'pending')
})
