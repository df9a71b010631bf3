import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutLost } from '../../../src/api/processes/find-workers.ts'
import { newProcessId } from '../../../src/store/processes/process-id.ts'

const found = (...identities: string[]) => ({
  workers: identities.map((identity) => ({ identity, version: null })),
  givenNewRuns: [null],
})

test('a worker that Temporal still names counts as long as it announces itself', () => {
  const [one, other] = [newProcessId(), 'holdfast-worker-7d9f-x2:1:mihc4q2a']
  assert.deepEqual(withoutLost(found(one, other), new Set([other])), found(other))
})

test('a worker of an earlier release, which Temporal knows by another name, counts by Temporal alone', () => {
  assert.deepEqual(
    withoutLost(found('4711@host', 'unversioned'), new Set()),
    found('4711@host', 'unversioned'),
  )
})
