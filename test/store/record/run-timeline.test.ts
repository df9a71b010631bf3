import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { recordDecision } from '../../../src/store/approvals/record-decision.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { settleAttempt } from '../../../src/store/models/settle-attempt.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { findRunTimeline } from '../../../src/store/record/run-timeline.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { noteToolResults } from '../../../src/store/tools/note-tool-results.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import { forEachDatabase } from '../../support/database.ts'
import {
  answerTo,
  approvalRequest,
  assistantMessage,
  begun,
  putCalls,
  samplePlan,
  startRun,
  toolMessage,
  toolResult,
} from '../support/samples.ts'

forEachDatabase((_name, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('the times of a run are read with its attempts, calls and approvals, and without a word of theirs', async () => {
    const run = await startRun(db)
    const failed = await begun(db, run)
    await settleAttempt(db, {
      run,
      step: 1,
      hop: 0,
      attempt: failed.attempt,
      status: 'failed',
      code: 'model_overloaded',
      costMicroUsd: 0,
      usage: 'nothing',
    })
    const answered = await begun(db, run)
    const message = assistantMessage('The heron stands.', ['get_order'])
    await storeModelCall(db, answerTo(run, answered, { message }))
    await putCalls(db, run, 'get_order', 3).catch(() => undefined)
    await storeToolResult(db, toolResult(run, 0))
    const request = approvalRequest(run, 1, { tool: 'pay' })
    await requestApproval(db, request)
    await recordDecision(db, {
      run,
      approvalId: request.approvalId,
      outcome: { status: 'approved', by: 'bob', at: '2026-11-21T10:00:00.123Z' },
      votes: [],
      stillWaiting: [],
    })
    const handoff = { seq: 9, index: 2, message: toolMessage(2), code: null, handoff: 'billing', rule: null }
    await noteToolResults(db, { run, step: 1, notes: [handoff] })
    await closeRun(db, { run, status: 'completed', steps: 1, approvals: [], failedHops: [] })

    const timeline = await findRunTimeline(db, run)
    assert.ok(timeline)
    assert.deepEqual(timeline.run, { agent: 'support', plan: samplePlan })
    assert.deepEqual(
      timeline.attempts.map(({ attempt, status, code }) => [attempt, status, code]),
      [
        [1, 'failed', 'model_overloaded'],
        [2, 'ok', null],
      ],
    )
    assert.deepEqual(
      timeline.toolCalls.map(({ index, tool, status, attempt }) => [index, tool, status, attempt]),
      [[0, 'get_order', 'ok', 1]],
    )
    assert.deepEqual(
      timeline.approvals.map(({ tool, status, by, step }) => [tool, status, by, step]),
      [['pay', 'approved', 'bob', 1]],
    )
    const handed = timeline.events.find(({ type }) => type === 'agent.handed_off')
    assert.deepEqual([handed?.to, handed?.step, handed?.index], ['billing', 1, 2])
    const times = timeline.events.map(({ atMs }) => atMs)
    assert.deepEqual(
      times,
      times.toSorted((one, other) => one - other),
    )
    assert.ok(times.every((atMs) => Number.isInteger(atMs) && Math.abs(atMs - Date.now()) < 60_000))
    assert.doesNotMatch(JSON.stringify(timeline), /heron/)
  })

  test('another tenant’s run is not there', async () => {
    const run = await startRun(db)
    assert.equal(await findRunTimeline(db, { ...run, tenant: 'other' }), null)
  })
})
