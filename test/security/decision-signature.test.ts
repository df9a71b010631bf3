import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApprovalDecision } from '../../src/contracts/approvals/approval.ts'
import type { RunId } from '../../src/contracts/runs/run.ts'
import { signDecision, verifyDecision } from '../../src/security/decision-signature.ts'

const SECRET = 's'.repeat(32)
const RUN: RunId = 'run_1'
const DECISION: ApprovalDecision = {
  approvalId: 'apr_1_1_0_0',
  decision: 'edit',
  argumentsSha256: 'a'.repeat(64),
  arguments: { amount: 5, to: { name: 'Ann' } },
  editedSha256: 'b'.repeat(64),
  message: 'So.',
  comment: 'checked',
  by: 'bob',
  groups: ['finance'],
}
const signature = signDecision(SECRET, RUN, DECISION)

test('a signed decision is known again, in whatever order its members arrive', () => {
  assert.equal(verifyDecision(SECRET, RUN, { ...DECISION, signature }), true)
  const arrived = Object.fromEntries(Object.entries({ ...DECISION, signature }).reverse())
  assert.equal(verifyDecision(SECRET, RUN, JSON.parse(JSON.stringify(arrived)) as ApprovalDecision), true)
})

test('signing what is signed already gives the same signature', () => {
  assert.equal(signDecision(SECRET, RUN, { ...DECISION, signature }), signature)
})

test('no member can be changed, added or left out', () => {
  const changed: Record<keyof Omit<ApprovalDecision, 'signature'>, unknown> = {
    approvalId: 'apr_1_1_1_0',
    decision: 'approve',
    argumentsSha256: 'c'.repeat(64),
    arguments: { amount: 6, to: { name: 'Ann' } },
    editedSha256: 'c'.repeat(64),
    message: 'so.',
    comment: '',
    by: 'eve',
    groups: ['finance', 'managers'],
  }
  for (const [name, value] of Object.entries(changed)) {
    const forged = { ...DECISION, signature, [name]: value } as ApprovalDecision
    assert.equal(verifyDecision(SECRET, RUN, forged), false, name)
    const { [name as 'comment']: _, ...without } = { ...DECISION, signature }
    assert.equal(verifyDecision(SECRET, RUN, without), false, `without ${name}`)
  }
  const more = { ...DECISION, signature, extra: 1 } as ApprovalDecision
  assert.equal(verifyDecision(SECRET, RUN, more), false)
})

test('a signature is for one run and by one secret', () => {
  assert.equal(verifyDecision(SECRET, 'run_2', { ...DECISION, signature }), false)
  assert.equal(verifyDecision('t'.repeat(32), RUN, { ...DECISION, signature }), false)
})

test('what is no signature is no error, and not believed', () => {
  assert.equal(verifyDecision(SECRET, RUN, DECISION), false)
  for (const odd of ['', 'x', signature.slice(1), signature.toUpperCase(), `${signature}00`, 5, null, {}]) {
    const decision = { ...DECISION, signature: odd } as ApprovalDecision
    assert.equal(verifyDecision(SECRET, RUN, decision), false, String(odd))
  }
})
