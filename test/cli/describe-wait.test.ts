import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeWait } from '../../src/cli/threads/describe-wait.ts'

const id = `run_${'0'.repeat(26)}`
const waits = { id, status: 'requires_action' } as const
const approvals = (...ids: string[]) => ({
  ...waits,
  required_action: { type: 'approval' as const, approvals: ids },
})

test('a run waits for a decision once all of its approvals are left open', () => {
  assert.equal(describeWait(approvals('a', 'b'), new Set(['a'])), null)
  const all = `Run ${id} waits for a decision on a, b`
  assert.equal(describeWait(approvals('a', 'b'), new Set(['a', 'b', 'c'])), all)
  assert.equal(describeWait(approvals('a', 'b')), all)
})

test('a run that waits for its budget waits for that, and one that goes on for nothing', () => {
  const budget = {
    type: 'budget',
    scope: 'run',
    limit: 'tokens',
    allowed: 1,
    used: 1,
    expires_at: '',
  } as const
  assert.equal(
    describeWait({ ...waits, required_action: budget }, new Set()),
    `Run ${id} waits for more budget`,
  )
  assert.equal(describeWait({ id, status: 'in_progress' }), null)
})
