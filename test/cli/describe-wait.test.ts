import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitForOthers } from '../../src/cli/threads/wait-for-others.ts'

const id = `run_${'0'.repeat(26)}`
const waits = { id, status: 'requires_action' } as const
const approvals = (...ids: string[]) => ({
  ...waits,
  required_action: { type: 'approval' as const, approvals: ids },
})

test('a run waits for others once all of its approvals are left to them', () => {
  assert.equal(waitForOthers(approvals('a', 'b'), new Set(['a'])), null)
  const all = `Run ${id} waits for somebody else to decide a, b`
  assert.equal(waitForOthers(approvals('a', 'b'), new Set(['a', 'b', 'c'])), all)
  assert.equal(waitForOthers(approvals('a', 'b')), all)
})

test('a run that waits for its budget waits for others, and one that goes on does not', () => {
  const budget = {
    type: 'budget',
    scope: 'run',
    limit: 'tokens',
    allowed: 1,
    used: 1,
    expires_at: '',
  } as const
  assert.equal(
    waitForOthers({ ...waits, required_action: budget }, new Set()),
    `Run ${id} waits for more budget`,
  )
  assert.equal(waitForOthers({ id, status: 'in_progress' }), null)
})
