import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TimedEvent } from '../../../src/store/record/run-timeline.ts'
import { executionOf } from '../../../src/telemetry/traces/execution.ts'
import { stepTimes } from '../../../src/telemetry/traces/step-times.ts'
import { eventsAt } from './support/timeline.ts'

function timesOf(events: readonly TimedEvent[], known: readonly number[] = [], resumes = 0) {
  const execution = executionOf({ events }, resumes)
  assert.ok(execution)
  return stepTimes(execution, known).map(({ step, startMs, endMs }) => [step, startMs, endMs])
}

const BEGIN = [
  { type: 'run.queued', atMs: 100 },
  { type: 'run.started', atMs: 120 },
] as const

test('a step ends with its last event, and the next one begins there', () => {
  const events = eventsAt(
    ...BEGIN,
    { type: 'model.completed', atMs: 200, step: 1 },
    { type: 'approval.requested', atMs: 210, step: 1, approvalId: 'apr_x_1_0_0' },
    { type: 'approval.decided', atMs: 900, approvalId: 'apr_x_1_0_0' },
    { type: 'tool.completed', atMs: 950, step: 1 },
    { type: 'model.completed', atMs: 1_200, step: 2 },
    { type: 'run.completed', atMs: 1_210 },
  )
  assert.deepEqual(timesOf(events), [
    [1, 120, 950],
    [2, 950, 1_210],
  ])
})

test('an approval that was rejected ends its step', () => {
  const events = eventsAt(
    ...BEGIN,
    { type: 'model.completed', atMs: 200, step: 1 },
    { type: 'approval.decided', atMs: 900, approvalId: 'apr_x_1_0_0' },
    { type: 'model.completed', atMs: 1_000, step: 2 },
    { type: 'run.completed', atMs: 1_010 },
  )
  assert.deepEqual(timesOf(events)[1], [2, 900, 1_010])
})

test('the approvals of a sub-agent are events of its parent, and no step of it', () => {
  const events = eventsAt(
    ...BEGIN,
    { type: 'sub_agent.started', atMs: 200, step: 1, childRunId: 'run_x_1_0' },
    {
      type: 'approval.requested',
      atMs: 300,
      step: 4,
      approvalId: 'apr_x_1_0_4_0_0',
      childRunId: 'run_x_1_0',
    },
    { type: 'sub_agent.completed', atMs: 400, step: 1, childRunId: 'run_x_1_0' },
    { type: 'run.completed', atMs: 500 },
  )
  assert.deepEqual(timesOf(events), [[1, 120, 500]])
})

test('a step that no event tells of begins where the one before has ended', () => {
  const events = eventsAt(
    ...BEGIN,
    { type: 'model.completed', atMs: 200, step: 1 },
    { type: 'tool.completed', atMs: 300, step: 1 },
    { type: 'run.cancelled', atMs: 500 },
  )
  assert.deepEqual(timesOf(events, [2]), [
    [1, 120, 300],
    [2, 300, 500],
  ])
})

test('a run that was never begun has no step', () => {
  const events = eventsAt({ type: 'run.queued', atMs: 100 }, { type: 'run.cancelled', atMs: 500 })
  assert.deepEqual(timesOf(events), [])
})

test('a resumed run has an execution for each time that it went on, and each its own steps', () => {
  const events = eventsAt(
    ...BEGIN,
    { type: 'model.completed', atMs: 200, step: 1 },
    { type: 'run.incomplete', atMs: 300 },
    { type: 'run.resumed', atMs: 1_000 },
    { type: 'run.started', atMs: 1_050 },
    { type: 'model.completed', atMs: 1_100, step: 2 },
    { type: 'run.completed', atMs: 1_200 },
  )
  assert.deepEqual(timesOf(events, [], 0), [[1, 120, 300]])
  assert.deepEqual(timesOf(events, [], 1), [[2, 1_050, 1_200]])
  assert.equal(executionOf({ events }, 2), null)
})

test('an execution that has not ended has no spans yet', () => {
  assert.equal(executionOf({ events: eventsAt(...BEGIN) }, 0), null)
})
