import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Client,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client'
import { ApplicationFailure } from '@temporalio/common'
import { updateOrSignal } from '../../../src/api/temporal/update-or-signal.ts'
import { budget, changeBudget } from '../../../src/workflows/agent-run.messages.ts'

/** A run whose updates end like this, and that signals reach as long as `room` lasts. */
function runThat(
  update: () => Promise<unknown>,
  room: number,
  isThere: () => Promise<unknown> = async () => ({}),
) {
  const signals: unknown[] = []
  let forgotten = 0
  const handle = {
    executeUpdate: update,
    async signal(_: unknown, argument: unknown) {
      signals.push(argument)
    },
  }
  const client = {
    withDeadline: (_: number, call: () => Promise<unknown>) => call(),
    workflow: { getHandle: () => handle },
    workflowService: { getSystemInfo: isThere },
  } as unknown as Client
  let left = room
  const bound = {
    async count() {
      left -= 1
      return left >= 0
    },
    async forget() {
      forgotten += 1
    },
  }
  const send = () =>
    updateOrSignal(client, 'a workflow', {
      update: changeBudget,
      signal: budget,
      argument: { by: 'ann', limits: { maxTokens: 5 } },
      refusals: ['run_ended', 'run_busy'],
      bound,
    })
  return { send, signals, forgotten: () => forgotten }
}

const timedOut = () => Promise.reject(new WorkflowUpdateRPCTimeoutOrCancelledError('no worker'))
const failed = (type: string) => () =>
  Promise.reject(new WorkflowUpdateFailedError('refused', ApplicationFailure.nonRetryable('no', type)))

test('while no worker answers, signals are sent up to the bound and no further', async () => {
  const run = runThat(timedOut, 2)
  const replies = [await run.send(), await run.send(), await run.send()]
  assert.deepEqual(
    replies.map(({ type }) => type),
    ['sent', 'sent', 'busy'],
  )
  assert.equal(run.signals.length, 2)
})

test('an execution that hands over is followed by one that gets the signal', async () => {
  const run = runThat(failed('unavailable'), 1)
  assert.deepEqual(await run.send(), { type: 'sent' })
  assert.equal(run.signals.length, 1)
})

test('an answer of the run makes room again; a refusal is passed on and sends no signal', async () => {
  const answering = runThat(async () => ({ maxTokens: 5 }), 0)
  assert.deepEqual(await answering.send(), { type: 'done', result: { maxTokens: 5 } })
  assert.equal(answering.forgotten(), 1)
  const refusing = runThat(failed('run_busy'), 1)
  assert.deepEqual(await refusing.send(), { type: 'refused', code: 'run_busy' })
  assert.deepEqual([refusing.signals, refusing.forgotten()], [[], 0])
})

test('a run that refuses has answered as well, and whoever sent signals before may send them again', async () => {
  const refusing = runThat(failed('run_ended'), 0)
  assert.deepEqual(await refusing.send(), { type: 'refused', code: 'run_ended' })
  assert.equal(refusing.forgotten(), 1)
})

test('a worker may take its time over an update, as long as Temporal is there', async () => {
  const late = Promise.withResolvers<unknown>()
  const run = runThat(
    () => late.promise,
    1,
    async () => setImmediate(late.resolve, { maxTokens: 5 }),
  )
  assert.deepEqual(await run.send(), { type: 'done', result: { maxTokens: 5 } })
  assert.deepEqual(run.signals, [])
})

test('an update that a Temporal does not answer which is away is refused, and no signal is tried', async () => {
  const run = runThat(
    () => new Promise(() => undefined),
    1,
    () => Promise.reject(Object.assign(new Error('away'), { code: 14 })),
  )
  await assert.rejects(run.send(), { code: 'unavailable' })
  assert.deepEqual(run.signals, [])
})
