import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createAdmitDecision } from '../../../src/activities/approvals/admit-decision.ts'
import type { ApprovalDecision } from '../../../src/contracts/approvals/approval.ts'
import type { JsonObject } from '../../../src/contracts/json.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { canonicalSha256 } from '../../../src/security/canonical-sha256.ts'
import { approvalRequest, startRun } from '../../store/support/samples.ts'
import office from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { acceptedAs } from '../support/accepted.ts'

const PAYMENT = { to: 'ann', cents: 100 }

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

function editing(run: RunIdentity, args: JsonObject, editedSha256: string): ApprovalDecision {
  const { approvalId, argumentsSha256 } = approvalRequest(run, 0, { tool: 'pay' })
  return { approvalId, decision: 'edit', argumentsSha256, by: 'bob', arguments: args, editedSha256 }
}

test('an edit that is not usable is known as such before the workflow applies it', async () => {
  const run = await startRun(store.database)
  const admitDecision = createAdmitDecision({ database: store.database, app: office, admits: () => true })
  const admit = (tool: string | null, args: JsonObject, editedSha256 = canonicalSha256(args)) =>
    admitDecision({ run, decision: editing(run, args, editedSha256), tool }, acceptedAs(run))
  assert.deepEqual(await admit('pay', PAYMENT), { admitted: true, usable: true })
  const unusable = await Promise.all([
    admit('pay', { ...PAYMENT, cents: -1 }),
    admit('pay', PAYMENT, canonicalSha256({ ...PAYMENT, cents: 101 })),
    admit(null, PAYMENT),
  ])
  for (const one of unusable) assert.deepEqual(one, { admitted: true, usable: false })
})
