import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApprovalDecision } from '../../src/contracts/approvals/approval.ts'
import type { BudgetChange } from '../../src/contracts/budgets/budget.ts'
import { signBudgetChange, verifyBudgetChange } from '../../src/security/budget-change-signature.ts'
import { signDecision, verifyDecision } from '../../src/security/decision-signature.ts'
import { sign } from '../../src/security/signature.ts'

const SECRET = 's'.repeat(32)
const CHANGE: BudgetChange = { limits: { maxCostMicroUsd: 5_000_000 }, add: { maxTokens: 1_000 }, by: 'bob' }
const signature = signBudgetChange(SECRET, 'run_1', CHANGE)

test('a signed change of a budget is known again, in whatever order its members arrive', () => {
  const arrived = Object.fromEntries(Object.entries({ ...CHANGE, signature }).reverse())
  assert.equal(verifyBudgetChange(SECRET, 'run_1', arrived as unknown as BudgetChange), true)
})

test('no member of a change can be changed, added or left out, and it is for one run', () => {
  const forgeries: BudgetChange[] = [
    { ...CHANGE, limits: { maxCostMicroUsd: 5_000_001 } },
    { ...CHANGE, limits: { maxCostMicroUsd: 5_000_000, maxSteps: 9 } },
    { ...CHANGE, add: {} },
    { ...CHANGE, by: 'eve' },
    { by: 'bob' },
  ]
  for (const forged of forgeries) {
    assert.equal(verifyBudgetChange(SECRET, 'run_1', { ...forged, signature }), false, JSON.stringify(forged))
  }
  assert.equal(verifyBudgetChange(SECRET, 'run_2', { ...CHANGE, signature }), false)
  assert.equal(verifyBudgetChange('t'.repeat(32), 'run_1', { ...CHANGE, signature }), false)
  assert.equal(verifyBudgetChange(SECRET, 'run_1', CHANGE), false)
})

test('a signature for one purpose is none for the other, over the very same words', () => {
  const words = { ...CHANGE, approvalId: 'apr_1', decision: 'approve', argumentsSha256: 'a'.repeat(64) }
  const decision = words as unknown as ApprovalDecision
  assert.equal(
    verifyDecision(SECRET, 'run_1', {
      ...decision,
      signature: sign(SECRET, 'budget_change', 'run_1', words),
    }),
    false,
  )
  assert.equal(
    verifyBudgetChange(SECRET, 'run_1', { ...words, signature: signDecision(SECRET, 'run_1', decision) }),
    false,
  )
})
