import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApprovalDecision } from '../../src/contracts/approvals/approval.ts'
import {
  isAddMessage,
  isBounded,
  isBudgetChange,
  isDecision,
  isKillSwitch,
} from '../../src/workflows/steps/read-message.ts'

const DECISION = { approvalId: 'apr_1', decision: 'approve', argumentsSha256: 'aa', by: 'ann' }
const NO_MESSAGE: readonly unknown[] = [
  undefined,
  null,
  'text',
  7,
  [],
  {},
  { id: 1 },
  { id: '' },
  { id: 'x'.repeat(300) },
]

for (const value of NO_MESSAGE) {
  test(`a signal that carries ${JSON.stringify(value)?.slice(0, 20)} is neither a message nor a decision`, () => {
    assert.equal(isAddMessage(value), false)
    assert.equal(isDecision(value), false)
  })
}

test('a message is told by its id', () => {
  assert.equal(isAddMessage({ id: 'msg_1' }), true)
})

test('a decision has an approval, a hash, an author and one of the decisions there are', () => {
  assert.equal(isDecision(DECISION), true)
  assert.equal(isDecision({ ...DECISION, message: 'no', comment: 'looked at it' }), true)
  assert.equal(isDecision({ ...DECISION, decision: 'maybe' }), false)
  assert.equal(isDecision({ ...DECISION, by: undefined }), false)
  assert.equal(isDecision({ ...DECISION, message: { text: 'no' } }), false)
})

test('a change of the budget has an author, and an id only of a size that a run can keep', () => {
  assert.equal(isBudgetChange({ by: 'bob', add: { maxTokens: 5 }, id: 'chg_1' }), true)
  assert.equal(isBudgetChange({ by: 'bob', add: { maxTokens: 5 } }), true)
  assert.equal(isBudgetChange({ by: 'bob', id: 'x'.repeat(300) }), false)
  assert.equal(isBudgetChange({ by: 'bob', id: { of: 'mine' } }), false)
  assert.equal(isBudgetChange({ by: 'bob', add: { maxTokens: '5' } }), false)
})

test("a kill switch is a tenant's or an agent's, by name or the run's own", () => {
  assert.equal(isKillSwitch({ on: true, scope: 'tenant' }), true)
  assert.equal(isKillSwitch({ on: false, scope: 'agent', agent: 'billing' }), true)
  assert.equal(isKillSwitch({ on: true, scope: 'agent', agent: 7 }), false)
  assert.equal(isKillSwitch({ on: 'yes', scope: 'agent' }), false)
  assert.equal(isKillSwitch({ on: true, scope: 'world' }), false)
})

test('a decision is looked at only up to a depth and a length', () => {
  const nested = (depth: number) =>
    ({
      ...DECISION,
      arguments: JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
    }) as ApprovalDecision
  assert.equal(isBounded(nested(64)), true)
  assert.equal(isBounded(nested(100)), false)
  assert.equal(isBounded(nested(50_000)), false)
  assert.equal(isBounded({ ...DECISION, comment: 'x'.repeat(200_000) } as ApprovalDecision), false)
})
