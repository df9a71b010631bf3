import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { WorkflowNotFoundError } from '@temporalio/client'
import type { ApprovalId } from '../../../src/contracts/approvals/approval.ts'
import type { AgentRunResult } from '../../../src/contracts/runs/run.ts'
import {
  addMessage,
  approvalDecision,
  runState,
  STATUS_ATTRIBUTE,
} from '../../../src/workflows/agent-run.messages.ts'
import { notesOf } from '../../support/office/effects.ts'
import { noteAndRepeat } from '../../support/office/scripts.ts'
import { firstWords, wordsOf } from '../../support/office/words.ts'
import { askingPlan } from '../../support/office.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type Caller, createCaller } from './support/caller.ts'
import { activityOf, historyOf } from './support/history.ts'

/* A run changes its execution while people are busy with it. The bound is set so low that a few words are enough. */

const LOW = 30
const PATIENCE_MS = 20_000

describe('continue-as-new', { concurrency: true }, () => {
  let environment: Environment
  let caller: Caller
  before(async () => {
    environment = await startEnvironment({ script: noteAndRepeat })
    caller = createCaller(environment.service.url)
  })
  after(() => environment.close())

  async function startWaiting(input: string) {
    const { runId, workflowId } = await environment.startPlan(
      askingPlan('take_note', { historyEvents: LOW }),
      input,
    )
    const workflow = environment.temporal.client.workflow.getHandle(workflowId)
    const approval = await caller.untilWaiting(runId)
    return { runId, workflow, approval, execution: () => workflow.describe().then((is) => is.runId) }
  }
  type Waiting = Awaited<ReturnType<typeof startWaiting>>

  /** Sends what the run knows already until it has changed its execution: every signal is an event. */
  async function handOver({ workflow, execution }: Waiting, knownId: string): Promise<void> {
    const before = await execution()
    for (const end = Date.now() + PATIENCE_MS; (await execution()) === before; await delay(10)) {
      assert.ok(Date.now() < end, 'the run has not changed its execution')
      await workflow.signal(addMessage, { id: knownId })
    }
  }

  test('messages, ids and an approval that waits go along, and a decision afterwards counts', async () => {
    const run = await startWaiting('carry')
    const { runId, workflow, approval } = run
    const words = ['It is the blue one.', 'And I have moved.']
    for (const [index, said] of words.entries()) await caller.say(runId, said, `said-${index}`)
    await handOver(run, 'said-0')
    await handOver(run, 'said-1')

    const state = await workflow.query(runState)
    assert.deepEqual(state.inbox, ['said-0', 'said-1'])
    assert.deepEqual(
      state.calls.map(({ stage, approval }) => [stage, approval?.id]),
      [['waiting', approval.id]],
    )
    const description = await workflow.describe()
    assert.equal(description.typedSearchAttributes.get(STATUS_ATTRIBUTE), 'requires_action')
    assert.equal((await caller.run(runId)).status, 'requires_action')

    assert.equal((await caller.decide(approval, { decision: 'approve' })).status, 200)
    const ended = await caller.untilEnd(runId)
    assert.deepEqual(ended.output?.split('\n').slice(-2), words)
    assert.deepEqual(await notesOf(environment.database, runId), [{ key: `${runId}/1/0`, times: 1 }])
    const result = (await workflow.result()) as AgentRunResult
    assert.deepEqual([result.steps, result.usage.modelCalls, result.usage.toolCalls], [2, 2, 1])
  })

  test('a message that was said before the change and is signalled again after it is told once', async () => {
    const run = await startWaiting('repeat')
    const { runId, workflow, approval } = run
    await caller.say(runId, 'Only once, please.', 'once')
    await handOver(run, 'once')
    assert.equal((await caller.say(runId, 'Only once, please.', 'once')).status, 202)
    await workflow.signal(addMessage, { id: 'once' })
    await caller.decide(approval, { decision: 'reject' })
    await caller.untilEnd(runId)
    const said = (await caller.messages(runId)).filter(({ content }) => content === 'Only once, please.')
    assert.equal(said.length, 1)
    const shown = environment.provider.requests.findLast(({ messages }) => firstWords(messages) === 'repeat')
    assert.equal(shown?.messages.filter((message) => wordsOf(message) === 'Only once, please.').length, 1)
  })

  test('an approval that waits expires in time though another execution has asked', async () => {
    // By the time the run waits it has more events than this, so it changes its execution at once.
    const plan = askingPlan('take_note', { historyEvents: 12, approvalTimeoutMs: 1_000 })
    const { runId, workflowId } = await environment.startPlan(plan, 'expire')
    const { client } = environment.temporal
    const first = (await client.workflow.getHandle(workflowId).describe()).runId
    const approval = await caller.untilWaiting(runId)
    const ended = await caller.untilEnd(runId)
    assert.match(ended.output ?? '', /tool_approval_expired/)
    assert.equal((await caller.approval(approval.id)).status, 'expired')

    const activities = (await historyOf(client, workflowId, first)).flatMap(
      (event) => activityOf(event) ?? [],
    )
    assert.ok(activities.includes('requestApproval') && !activities.includes('recordDecision'))
  })

  test('decisions that arrive while runs change their execution are all answered and honoured', async () => {
    const runs = await Promise.all(Array.from({ length: 12 }, (_, i) => startWaiting(`busy ${i}`)))
    const answers = await Promise.all(
      runs.map(async (run, i) => {
        await caller.say(run.runId, 'Well?', 'well')
        // Signals and the decision race; several of them are enough to make the run change its execution now.
        const [answer] = await Promise.all([
          caller.decide(run.approval, { decision: i % 2 === 0 ? 'approve' : 'reject' }),
          ...Array.from({ length: LOW }, () =>
            run.workflow.signal(addMessage, { id: 'well' }).catch(ifEnded),
          ),
        ])
        return answer
      }),
    )
    for (const [i, run] of runs.entries()) {
      assert.ok([200, 202].includes(answers[i]?.status ?? 0), answers[i]?.text)
      const ended = await caller.untilEnd(run.runId)
      assert.equal(ended.status, 'completed')
      const decided = i % 2 === 0 ? 'approved' : 'rejected'
      assert.equal((await caller.approval(run.approval.id)).status, decided)
      assert.equal((await notesOf(environment.database, run.runId)).length, i % 2 === 0 ? 1 : 0)
    }
    assert.ok(answers.filter((answer) => answer?.status === 200).length > 0)
  })

  test('a decision by signal reaches the run in whatever execution it is', async () => {
    const run = await startWaiting('signal')
    await caller.say(run.runId, 'Hello?', 'hello')
    await handOver(run, 'hello')
    await run.workflow.signal(approvalDecision, {
      approvalId: run.approval.id as ApprovalId,
      decision: 'reject',
      argumentsSha256: run.approval.arguments_sha256,
      by: 'operator',
    })
    assert.equal((await caller.untilEnd(run.runId)).status, 'completed')
    assert.equal((await caller.approval(run.approval.id)).votes[0]?.by, 'operator')
  })
})

/** The run may have ended before the last of the signals. */
function ifEnded(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error
}
