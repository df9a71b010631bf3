import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { WorkflowFailedError } from '@temporalio/client'
import { CancelledFailure } from '@temporalio/common'
import type { RecordedRequest } from '../../../src/testing/recorded-request.ts'
import type { Script } from '../../../src/testing/script.ts'
import { notesOf } from '../../support/office/effects.ts'
import { noteAndRepeat } from '../../support/office/scripts.ts'
import { firstWords } from '../../support/office/words.ts'
import { askingPlan, clerkPlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'

/* A run that is asked to stop, by a caller or from Temporal's own Web UI, in the middle of what it does. */

/** From the request for a cancel to the end of the provider's connection. */
const SOCKET_CLOSES_WITHIN_MS = 2_000

describe('cancel', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  /** Who waits for a run's first request to reach the model, by the run's first words. */
  const arrivals = new Map<string, PromiseWithResolvers<void>>()
  const arrivalOf = (words: string) => {
    const arrival = arrivals.get(words) ?? Promise.withResolvers<void>()
    arrivals.set(words, arrival)
    return arrival
  }

  const script: Script = (request) => {
    const words = firstWords(request.messages)
    arrivalOf(words).resolve()
    if (words.includes('silent')) return { fault: 'hang' }
    if (words.includes('talking')) return { text: 'So it goes on and on. '.repeat(2_000), chunkDelayMs: 50 }
    if (words.includes('stalled')) return { text: 'It began well.', fault: 'stall' }
    if (words.includes('busy')) return { fault: { status: 429, headers: { 'retry-after': '100' } } }
    return noteAndRepeat(request)
  }

  before(async () => {
    environment = await startEnvironment({ script })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  const workflowOf = (workflowId: string) => environment.temporal.client.workflow.getHandle(workflowId)
  const requestOf = (words: string): RecordedRequest => {
    const request = environment.provider.requests.find(({ messages }) => firstWords(messages) === words)
    assert.ok(request)
    return request
  }

  /** A run whose model call is under way. */
  async function startThinking(words: string) {
    const started = await environment.startPlan(clerkPlan(), words)
    await arrivalOf(words).promise
    return { ...started, workflow: workflowOf(started.workflowId), request: requestOf(words) }
  }

  async function startWaiting(words: string) {
    const started = await environment.startPlan(askingPlan('take_note'), words)
    const approval = await caller.untilWaiting(started.runId)
    return { ...started, workflow: workflowOf(started.workflowId), approval }
  }

  async function assertCancelled(runId: string, workflow: ReturnType<typeof workflowOf>): Promise<void> {
    const run = await caller.untilEnd(runId)
    assert.deepEqual([run.status, run.reason, run.output], ['cancelled', 'cancel_requested', undefined])
    await assert.rejects(
      workflow.result(),
      (error) => error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure,
    )
    assert.equal((await workflow.describe()).status.name, 'CANCELLED')
  }

  for (const how of ['silent', 'talking', 'stalled'] as const) {
    test(`a cancel closes the connection to a ${how} model within 2 s`, async (t) => {
      const { runId, workflow, request } = await startThinking(`caller, ${how}`)
      const askedAt = Date.now()
      assert.equal((await caller.cancel(runId)).status, 202)
      await request.closed
      const tookMs = (request.closedAt ?? Number.NaN) - askedAt
      t.diagnostic(`${tookMs} ms`)
      assert.equal(request.closedEarly, true)
      assert.ok(tookMs < SOCKET_CLOSES_WITHIN_MS, `it took ${tookMs} ms`)
      await assertCancelled(runId, workflow)
      assert.equal((await caller.run(runId)).usage.model_calls, 0)
    })
  }

  test('Temporal’s own cancel does the same', async () => {
    const { runId, workflow, request } = await startThinking('operator, silent')
    const askedAt = Date.now()
    await workflow.cancel()
    await request.closed
    assert.equal(request.closedEarly, true)
    assert.ok((request.closedAt ?? Number.NaN) - askedAt < SOCKET_CLOSES_WITHIN_MS)
    await assertCancelled(runId, workflow)
  })

  test('a cancel does not wait for the moment at which the provider may be asked again', async () => {
    const { runId, workflow, request } = await startThinking('caller, busy')
    await request.closed
    await caller.cancel(runId)
    await assertCancelled(runId, workflow)
  })

  for (const who of ['caller', 'operator'] as const) {
    test(`a cancel by the ${who} while an approval waits ends both, and the tool is never run`, async () => {
      const { runId, workflow, approval } = await startWaiting(`${who}, waiting`)
      if (who === 'caller') await caller.cancel(runId)
      else await workflow.cancel()
      await assertCancelled(runId, workflow)

      const { status, votes, allowed_decisions } = await caller.approval(approval.id)
      assert.deepEqual([status, votes, allowed_decisions], ['cancelled', [], []])
      assert.equal((await caller.run(runId)).required_action, undefined)
      assert.deepEqual(await notesOf(environment.database, runId), [])
      const events = await caller.events(runId)
      assert.deepEqual(
        events.slice(-2).map(({ type, data }) => [type, data['status'], data['by']]),
        [
          ['approval.decided', 'cancelled', 'run'],
          // Temporal does not tell whose cancel it was.
          ['run.cancelled', 'cancelled', who === 'caller' ? 'local' : undefined],
        ],
      )
      assert.ok(!events.some(({ type }) => type === 'tool.started'))
    })
  }

  test('a decision that comes after the cancel is refused, and changes nothing', async () => {
    const { runId, workflow, approval } = await startWaiting('late')
    await caller.cancel(runId)
    await assertCancelled(runId, workflow)
    for (const decision of ['approve', 'reject'] as const) {
      const { status, body } = await caller.decide(approval, { decision })
      assert.deepEqual([status, body.code], [409, 'already_decided'])
    }
    assert.equal((await caller.approval(approval.id)).status, 'cancelled')
    assert.deepEqual(await notesOf(environment.database, runId), [])
  })

  test('cancels from everywhere at once are one cancel', async () => {
    const { runId, workflow } = await startThinking('twice, silent')
    const answers = await Promise.all([
      caller.cancel(runId),
      caller.cancel(runId),
      workflow.cancel().then(() => null),
      caller.cancel(runId),
    ])
    for (const answer of answers) assert.ok(answer === null || answer.status === 202, answer?.text)
    await assertCancelled(runId, workflow)
    const told = (await caller.events(runId)).filter(({ type }) => /cancel/.test(type))
    assert.deepEqual(
      told.map(({ type, data }) => [type, data['by']]),
      [
        ['cancel.requested', 'local'],
        ['run.cancelled', 'local'],
      ],
    )
    assert.equal((await caller.cancel(runId)).status, 202)
  })
})
