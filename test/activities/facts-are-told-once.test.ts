import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createRecordDecision } from '../../src/activities/approvals/record-decision.ts'
import { createRequestApproval } from '../../src/activities/approvals/request-approval.ts'
import { createRecordBudget } from '../../src/activities/budgets/record-budget.ts'
import { createRecordModelWait } from '../../src/activities/models/record-model-wait.ts'
import { createCloseRun } from '../../src/activities/runs/close-run.ts'
import { createOpenRun } from '../../src/activities/runs/open-run.ts'
import { createNoteToolResults } from '../../src/activities/tools/note-tool-results.ts'
import type { RunIdentity } from '../../src/contracts/runs/run.ts'
import { toWorkflowPlan } from '../../src/contracts/runs/workflow-plan.ts'
import type { Database } from '../../src/store/database/database.ts'
import { storeModelCall } from '../../src/store/models/store-model-call.ts'
import { acceptRun } from '../../src/store/runs/accept-run.ts'
import type { Fact } from '../../src/telemetry/facts.ts'
import { createTelemetry } from '../../src/telemetry/telemetry.ts'
import {
  answerTo,
  approvalRequest,
  assistantMessage,
  begun,
  newRun,
  putCalls,
  samplePlan,
  startRun,
} from '../store/support/samples.ts'
import { forEachDatabase } from '../support/database.ts'
import office from '../support/office.ts'
import { acceptedAs } from './support/accepted.ts'

const AT = '2026-11-21T10:00:00.123Z'

forEachDatabase((_name, open) => {
  let database: Database
  let told: Fact[] = []
  const telemetry = createTelemetry([{ take: (fact) => void told.push(fact) }])
  before(async () => {
    database = await open()
  })

  /** What two attempts of an activity tell of, the first of which has lost its answer. */
  async function twice(attempt: () => Promise<unknown>): Promise<Fact[]> {
    told = []
    await attempt()
    await attempt()
    return told
  }

  const typesOf = (facts: readonly Fact[]) => facts.map(({ type }) => type)

  test('a start is told once, with the time in the queue', async () => {
    const accepted = newRun()
    await acceptRun(database, accepted)
    const run: RunIdentity = { runId: accepted.id, tenant: 'acme', principal: 'ann' }
    const openRun = createOpenRun({ database, telemetry })
    const facts = await twice(() =>
      openRun({ run, plan: toWorkflowPlan(samplePlan) }, acceptedAs(run, samplePlan)),
    )
    assert.deepEqual(typesOf(facts), ['run.started'])
    const [started] = facts
    assert.ok(
      started?.type === 'run.started' && typeof started.queuedMs === 'number' && started.queuedMs >= 0,
    )
    assert.equal(started.agent, 'support')
  })

  test('approvals are told when they are requested and decided, and the run’s wait around them once', async () => {
    const run = await startRun(database)
    await putCalls(database, run, 'pay', 2)
    const requestApproval = createRequestApproval({ database, telemetry })
    const recordDecision = createRecordDecision({ database, telemetry, app: office })
    const [one, other] = [0, 1].map((index) => approvalRequest(run, index, { tool: 'pay' }))
    assert.ok(one && other)
    const ask = (request: typeof one) => () => requestApproval(request, acceptedAs(run))
    assert.deepEqual(typesOf(await twice(ask(one))), ['approval.requested', 'run.waits'])
    assert.deepEqual(typesOf(await twice(ask(other))), ['approval.requested'])
    const decide = (approvalId: typeof one.approvalId) => () =>
      recordDecision(
        {
          run,
          approvalId,
          outcome: { status: 'approved', by: 'bob', at: AT },
          votes: [],
          stillWaiting: [],
        },
        acceptedAs(run),
      )
    assert.deepEqual(typesOf(await twice(decide(one.approvalId))), ['approval.decided'])
    const facts = await twice(decide(other.approvalId))
    assert.deepEqual(typesOf(facts), ['approval.decided', 'run.goes_on'])
    const [decided] = facts
    assert.ok(decided?.type === 'approval.decided')
    const { outcome, by, tool, step, durationMs, startedAtMs } = decided
    assert.deepEqual([outcome, by, tool, step], ['approved', 'bob', 'pay', 1])
    assert.equal(decided.agent, 'unknown', 'the run has no plan')
    assert.ok(durationMs >= 0 && Math.abs(startedAtMs + durationMs - Date.now()) < 60_000)
  })

  test('the budget’s and the models’ waits begin and end once each', async () => {
    const run = await startRun(database)
    const recordBudget = createRecordBudget({ database, telemetry })
    const recordModelWait = createRecordModelWait({ database, telemetry })
    const reached = { scope: 'run', limit: 'cost', allowed: 1, used: 1 } as const
    const waits = { reached, expiresAt: AT }
    const budget = { run, limits: {}, reached }
    const accepted = acceptedAs(run, samplePlan)
    assert.deepEqual(
      typesOf(
        await twice(() => recordBudget({ ...budget, progress: 1, notices: ['reached'], waits }, accepted)),
      ),
      ['budget.reached', 'run.waits'],
    )
    assert.deepEqual(
      typesOf(await twice(() => recordBudget({ ...budget, progress: 2, notices: ['resumed'] }, accepted))),
      ['run.goes_on'],
    )
    assert.deepEqual(
      typesOf(await twice(() => recordBudget({ ...budget, progress: 3, notices: ['reached'] }, accepted))),
      ['budget.reached'],
      'a budget that lets the run go on is no wait',
    )
    const wait = { run, step: 1, tries: 0 }
    assert.deepEqual(
      typesOf(await twice(() => recordModelWait({ ...wait, progress: 1, notices: ['away'] }, accepted))),
      ['run.waits'],
    )
    assert.deepEqual(
      typesOf(await twice(() => recordModelWait({ ...wait, progress: 2, notices: ['returned'] }, accepted))),
      ['run.goes_on'],
    )
  })

  test('a handoff is told once, and so is a denied call', async () => {
    const run = await startRun(database)
    const begin = await begun(database, run)
    const message = assistantMessage('I hand over.', ['handoff_to_billing', 'pay'])
    await storeModelCall(database, answerTo(run, begin, { message }))
    const noteToolResults = createNoteToolResults({ database, telemetry })
    const notes = [
      { index: 0, seq: 2, callId: 'call_0', tool: 'handoff_to_billing', handoff: 'billing' },
      { index: 1, seq: 3, callId: 'call_1', tool: 'pay', code: 'tool_denied' as const },
    ]
    const facts = await twice(() => noteToolResults({ run, step: 1, notes }, acceptedAs(run, samplePlan)))
    assert.deepEqual(typesOf(facts), ['agent.handed_off', 'tool.refused'])
    const [handoff, refused] = facts
    assert.ok(handoff?.type === 'agent.handed_off' && refused?.type === 'tool.refused')
    assert.deepEqual([refused.tool, refused.code], ['pay', 'tool_denied'])
    assert.deepEqual([handoff.to, handoff.agent, handoff.step], ['billing', 'support', 1])
    assert.ok(Math.abs(handoff.atMs - Date.now()) < 60_000)
  })

  test('an end is told once, with the approvals that it cancels and what the run has used', async () => {
    const run = await startRun(database)
    await putCalls(database, run, 'pay')
    const request = approvalRequest(run, 0, { tool: 'pay' })
    await createRequestApproval({ database, telemetry })(request, acceptedAs(run))
    const closeRun = createCloseRun({ database, telemetry })
    const close = { run, status: 'cancelled', reason: 'cancel_requested', steps: 1, approvals: [] } as const
    const facts = await twice(() => closeRun(close, acceptedAs(run, samplePlan)))
    assert.deepEqual(typesOf(facts), ['approval.decided', 'run.ended'])
    const [cancelled, ended] = facts
    assert.ok(cancelled?.type === 'approval.decided' && ended?.type === 'run.ended')
    assert.deepEqual([cancelled.outcome, cancelled.by, cancelled.tool], ['cancelled', 'run', 'pay'])
    assert.deepEqual(
      [ended.status, ended.reason, ended.agent, ended.agentVersion],
      ['cancelled', 'cancel_requested', 'support', '1'],
    )
    assert.equal(ended.usage.toolCalls, 0)
    assert.equal(cancelled.agent, 'support')
    assert.ok(ended.durationMs >= 0)
  })
})
