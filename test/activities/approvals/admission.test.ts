import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAdmission } from '../../../src/activities/approvals/admission.ts'
import type { ApprovalDecision } from '../../../src/contracts/approvals/approval.ts'
import type { BudgetChange } from '../../../src/contracts/budgets/budget.ts'
import { signBudgetChange } from '../../../src/security/budget-change-signature.ts'
import { signDecision } from '../../../src/security/decision-signature.ts'

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
  assert.equal(admits('decision', 'run_1', signed), true)
  assert.equal(admits('decision', 'run_2', signed), false)
  assert.equal(admits('decision', 'run_1', { ...signed, by: 'eve' }), false)
  assert.equal(admits('decision', 'run_1', DECISION), false)
})

test('where all are believed an unsigned decision is, but nothing that is no decision', () => {
  const admits = createAdmission('all')
  assert.equal(admits('decision', 'run_1', DECISION), true)
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
    assert.equal(admits('decision', 'run_1', decision as ApprovalDecision), false, JSON.stringify(decision))
})

const CHANGE: BudgetChange = { add: { maxCostMicroUsd: 1_000_000 }, by: 'bob' }

test('a change of a budget is believed where it is signed as one', () => {
  const admits = createAdmission({ signedWith: SECRET })
  const signedChange = { ...CHANGE, signature: signBudgetChange(SECRET, 'run_1', CHANGE) }
  assert.equal(admits('budget_change', 'run_1', signedChange), true)
  assert.equal(admits('budget_change', 'run_2', signedChange), false)
  assert.equal(
    admits('budget_change', 'run_1', { ...signedChange, add: { maxCostMicroUsd: 2_000_000 } }),
    false,
  )
  assert.equal(admits('budget_change', 'run_1', CHANGE), false)
  assert.equal(admits('budget_change', 'run_1', signed as unknown as BudgetChange), false)
})

test('where all are believed an unsigned change is, but nothing that is no change', () => {
  const admits = createAdmission('all')
  assert.equal(admits('budget_change', 'run_1', CHANGE), true)
  const odd: unknown[] = [
    undefined,
    null,
    5,
    {},
    { ...CHANGE, by: '' },
    { ...CHANGE, add: { maxTokens: '5' } },
    { ...CHANGE, limits: [1] },
  ]
  for (const change of odd)
    assert.equal(admits('budget_change', 'run_1', change as BudgetChange), false, JSON.stringify(change))
})
