import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adviceOf, describeWait, goesOn } from '../../src/cli/runs/describe-wait.ts'

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

test('what somebody can do names the command, or the route that gives more', () => {
  assert.equal(
    adviceOf(approvals('apr_a', 'apr_b')),
    'Decide with "holdfast approvals decide apr_a approve" and "holdfast approvals decide apr_b approve"',
  )
  const reached = { type: 'budget', limit: 'cost', allowed: 1, used: 1, expires_at: '' } as const
  const of = (more: { scope: 'run' | 'agent'; limit?: 'kill_switch' }) =>
    adviceOf({ ...waits, required_action: { ...reached, ...more } })
  assert.match(of({ scope: 'run' }), new RegExp(`^PATCH /v1/runs/${id}/budget gives it more$`))
  assert.match(of({ scope: 'agent' }), /PUT \/v1\/budgets\/agent\/NAME\/day gives more$/)
  assert.match(of({ scope: 'agent', limit: 'kill_switch' }), /DELETE \/v1\/kill-switches\/agent\/NAME/)
})

test('a run that a command leaves is named, with where to go on', () => {
  const rest = `Run ${id} goes on without this command. Follow it with "holdfast runs tail ${id}`
  assert.equal(goesOn({ id }), `${rest}".`)
  assert.equal(goesOn({ id }, 7), `${rest} --after 7".`)
  assert.equal(goesOn({ id, thread_id: 'thr_1' }), `${rest}", then talk on with --thread thr_1.`)
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
