import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAdmission } from '../../src/activities/admission.ts'
import type { ApprovalDecision } from '../../src/contracts/approval.ts'
import { signDecision } from '../../src/store/decision-signature.ts'

const SECRET = 's'.repeat(32)
const DECISION: ApprovalDecision = {
  approvalId: 'apr_1',
  decision: 'approve',
  argumentsSha256: 'a'.repeat(64),
  by: 'bob',
  groups: [],
}
const signed = { ...DECISION, signature: signDecision(SECRET, 'run_1', DECISION) }

test('with a secret only what is signed with it is believed', () => {
  const admits = createAdmission({ signedWith: SECRET })
  assert.equal(admits('run_1', signed), true)
  assert.equal(admits('run_2', signed), false)
  assert.equal(admits('run_1', { ...signed, by: 'eve' }), false)
  assert.equal(admits('run_1', DECISION), false)
})

test('where all are believed an unsigned decision is, but nothing that is no decision', () => {
  const admits = createAdmission('all')
  assert.equal(admits('run_1', DECISION), true)
  const odd: unknown[] = [
    undefined,
    null,
    'approve',
    {},
    { ...DECISION, decision: 'agree' },
    { ...DECISION, by: '' },
    { ...DECISION, groups: 'finance' },
    { ...DECISION, arguments: [1] },
    { ...DECISION, message: { text: 'no' } },
  ]
  for (const decision of odd)
    assert.equal(admits('run_1', decision as ApprovalDecision), false, JSON.stringify(decision))
})
