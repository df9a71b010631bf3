import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Client, WorkflowUpdateFailedError } from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { sendDecision } from '../../../src/api/temporal/send-decision.ts'

const DECISION = {
  approvalId: 'apr_1',
  decision: 'approve',
  argumentsSha256: 'a'.repeat(64),
  by: 'ann',
  groups: [],
} as const

/** A run that fails the update like this. */
function answerOf(cause: Error) {
  const handle = { executeUpdate: () => Promise.reject(new WorkflowUpdateFailedError('refused', cause)) }
  const client = {
    withDeadline: (_: number, call: () => Promise<unknown>) => call(),
    workflow: { getHandle: () => handle },
  } as unknown as Client
  const bound = { count: async () => true, forget: async () => undefined }
  return sendDecision(client, 'a workflow', DECISION, bound)
}

test('a run that is about to end says so; one that ended before it answered is not running', async () => {
  assert.equal(
    await answerOf(ApplicationFailure.nonRetryable('The run has ended.', 'run_ended')),
    'run_ended',
  )
  assert.equal(await answerOf(new Error('the workflow completed before the update did')), 'not_running')
})
