import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_USAGE } from '../../../src/contracts/models/usage.ts'
import type { TimedEvent } from '../../../src/store/record/run-timeline.ts'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import type { FactOf } from '../../../src/telemetry/facts.ts'
import { executionOf } from '../../../src/telemetry/traces/execution.ts'
import { stepTimes } from '../../../src/telemetry/traces/step-times.ts'
import { waitSpans } from '../../../src/telemetry/traces/wait-spans.ts'
import { eventsAt } from './support/timeline.ts'

const ENDED: FactOf<'run.ended'> = {
  type: 'run.ended',
  run: toFactRun({ runId: 'run_1', tenant: 'acme', principal: 'ann' }),
  agent: 'support',
  agentVersion: 'v1',
  promptVersion: 'v1',
  status: 'completed',
  steps: 1,
  durationMs: 1_000,
  usage: NO_USAGE,
}

function waitsOf(events: readonly TimedEvent[]) {
  const execution = executionOf({ events }, 0)
  assert.ok(execution)
  const spans = waitSpans(ENDED, execution, stepTimes(execution, [1]), () => 'billing')
  return spans.map(({ name, startMs, endMs }) => [name, startMs, endMs])
}

test('a wait goes from its first event to the one that ends it, however often it is told anew', () => {
  const events = eventsAt(
    { type: 'run.queued', atMs: 100 },
    { type: 'run.started', atMs: 110 },
    { type: 'budget.reached', atMs: 200, waits: true },
    { type: 'budget.reached', atMs: 300, waits: true },
    { type: 'budget.resumed', atMs: 400 },
    { type: 'models.away', atMs: 500, step: 1, waits: true },
    { type: 'models.returned', atMs: 600, step: 1 },
    { type: 'model.completed', atMs: 650, step: 1 },
    { type: 'run.completed', atMs: 700 },
  )
  assert.deepEqual(waitsOf(events), [
    ['wait for models', 500, 600],
    ['wait for budget', 200, 400],
  ])
})

test('a wait that the run ends in ends with it', () => {
  const events = eventsAt(
    { type: 'run.queued', atMs: 100 },
    { type: 'run.started', atMs: 110 },
    { type: 'budget.reached', atMs: 200, waits: true },
    { type: 'run.expired', atMs: 700 },
  )
  assert.deepEqual(waitsOf(events), [['wait for budget', 200, 700]])
})

test('a budget that ends a run, or makes it go on more cheaply, is no wait', () => {
  const events = eventsAt(
    { type: 'run.queued', atMs: 100 },
    { type: 'run.started', atMs: 110 },
    { type: 'budget.reached', atMs: 200 },
    { type: 'run.failed', atMs: 210 },
  )
  assert.deepEqual(waitsOf(events), [])
})
