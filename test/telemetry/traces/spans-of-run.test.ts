import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_USAGE } from '../../../src/contracts/models/usage.ts'
import type { RunRow } from '../../../src/store/record/run-row.ts'
import type { RunTimeline, TimedAttempt } from '../../../src/store/record/run-timeline.ts'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import type { FactOf } from '../../../src/telemetry/facts.ts'
import { modelSpanId, runSpanId, stepSpanId } from '../../../src/telemetry/traces/span-ids.ts'
import { spansOfRun } from '../../../src/telemetry/traces/spans-of-run.ts'
import { samplePlan } from '../../store/support/samples.ts'
import { eventsAt } from './support/timeline.ts'

const NOTHING_SENT = { spanIds: new Set<string>(), steps: new Set<number>() }
const CALLER = '00f067aa0ba902b7'

function endedAs(resumes: number, changes: Partial<FactOf<'run.ended'>> = {}): FactOf<'run.ended'> {
  const run = toFactRun({ runId: 'run_1', tenant: 'acme', principal: 'ann' })
  return {
    type: 'run.ended',
    run: { ...run, trace: { ...run.trace, parentSpanId: CALLER, resumes } },
    agent: 'support',
    agentVersion: '1',
    promptVersion: 'v1',
    status: 'completed',
    steps: 1,
    durationMs: 1_000,
    usage: NO_USAGE,
    ...changes,
  }
}

function attemptAt(attempt: number, beganAtMs: number, endedAtMs: number): TimedAttempt {
  return {
    step: 1,
    hop: 0,
    attempt,
    provider: 'openai',
    model: 'gpt-test',
    servedBy: null,
    requestId: null,
    status: 'ok',
    code: null,
    isEmbedding: false,
    maxOutputTokens: 100,
    inputTokens: 1,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 1,
    reasoningTokens: 0,
    costMicroUsd: 1,
    beganAtMs,
    endedAtMs,
  }
}

function timelineOf(events: RunTimeline['events'], attempts: readonly TimedAttempt[]): RunTimeline {
  const run = { id: 'run_1', agent: 'support', plan: samplePlan } as unknown as RunRow
  return { run, events, attempts, toolCalls: [], cached: [], approvals: [], children: [] }
}

const TWICE = timelineOf(
  eventsAt(
    { type: 'run.queued', atMs: 100 },
    { type: 'run.started', atMs: 110 },
    { type: 'run.incomplete', atMs: 300 },
    { type: 'run.resumed', atMs: 1_000 },
    { type: 'run.started', atMs: 1_010 },
    { type: 'model.completed', atMs: 1_100, step: 1 },
    { type: 'run.completed', atMs: 1_110 },
  ),
  [attemptAt(1, 120, 290), attemptAt(2, 1_020, 1_100)],
)

test('a resumed run has another root beside the first one, linked to it, and each its own calls', () => {
  const first = spansOfRun(TWICE, endedAs(0, { status: 'incomplete' }), NOTHING_SENT)
  const second = spansOfRun(TWICE, endedAs(1), NOTHING_SENT)
  const [root, otherRoot] = [first[0], second[0]]
  assert.ok(root && otherRoot)
  assert.notEqual(root.spanId, otherRoot.spanId)
  assert.deepEqual([root.parentSpanId, otherRoot.parentSpanId], [CALLER, CALLER])
  assert.deepEqual([root.linkedSpanIds, otherRoot.linkedSpanIds], [undefined, [root.spanId]])
  assert.deepEqual([root.startMs, root.endMs, otherRoot.startMs, otherRoot.endMs], [100, 300, 1_000, 1_110])
  const chats = [first, second].map((spans) => spans.filter(({ name }) => name.startsWith('chat')))
  assert.deepEqual(
    chats.map((spans) => spans.map(({ spanId }) => spanId)),
    [
      [modelSpanId(endedAs(0).run, { step: 1, hop: 0, attempt: 1 })],
      [modelSpanId(endedAs(1).run, { step: 1, hop: 0, attempt: 2 })],
    ],
  )
})

test('what was sent before is not sent again, and its step is there all the same', () => {
  const { run } = endedAs(0)
  const sent = {
    spanIds: new Set([modelSpanId(run, { step: 1, hop: 0, attempt: 1 })]),
    steps: new Set([1, 2]),
  }
  const spans = spansOfRun(TWICE, endedAs(0), sent)
  assert.ok(spans.every(({ name }) => !name.startsWith('chat')))
  assert.ok(spans.some(({ spanId }) => spanId === stepSpanId(run, 2)))
})

test('a call that the record has as longer than its step is cut to it', () => {
  const timeline = timelineOf(
    eventsAt(
      { type: 'run.queued', atMs: 100 },
      { type: 'run.started', atMs: 110 },
      { type: 'model.completed', atMs: 200, step: 1 },
      { type: 'model.completed', atMs: 300, step: 2 },
      { type: 'run.completed', atMs: 310 },
    ),
    [attemptAt(1, 105, 203)],
  )
  const chat = spansOfRun(timeline, endedAs(0), NOTHING_SENT).find(({ name }) => name === 'chat gpt-test')
  assert.deepEqual([chat?.startMs, chat?.endMs], [110, 200])
})

test('after a handoff, steps and approvals are the specialist’s, and the run is still the agent’s that it was started with', () => {
  const timeline: RunTimeline = {
    ...timelineOf(
      eventsAt(
        { type: 'run.queued', atMs: 100 },
        { type: 'run.started', atMs: 110 },
        { type: 'model.completed', atMs: 200, step: 1 },
        { type: 'agent.handed_off', atMs: 210, step: 1, index: 0, tool: 'hand_over', to: 'billing' },
        { type: 'model.completed', atMs: 300, step: 2 },
        { type: 'models.away', atMs: 310, step: 2, waits: true },
        { type: 'models.returned', atMs: 320, step: 2 },
        { type: 'approval.decided', atMs: 400, approvalId: 'apr_x_2_0_0' },
        { type: 'run.completed', atMs: 500 },
      ),
      [],
    ),
    approvals: [
      {
        approvalId: 'apr_x_2_0_0',
        agent: 'support',
        step: 2,
        tool: 'pay',
        status: 'approved',
        by: 'bob',
        requestedAtMs: 305,
      },
    ],
  }
  const spans = spansOfRun(timeline, endedAs(0), NOTHING_SENT)
  assert.deepEqual(
    spans.map(({ name, attributes }) => [name, attributes['gen_ai.agent.name']]),
    [
      ['invoke_agent support', 'support'],
      ['queued', 'support'],
      ['wait for models', 'billing'],
      ['step 1', 'support'],
      ['step 2', 'billing'],
      ['wait for approval', 'billing'],
      ['hand over to billing', 'support'],
    ],
  )
})

test('a run that has failed is an error with its code, and one that came to less is none', () => {
  const failed = spansOfRun(TWICE, endedAs(1, { status: 'failed', code: 'internal' }), NOTHING_SENT)[0]
  const less = spansOfRun(TWICE, endedAs(1, { status: 'incomplete', reason: 'max_steps' }), NOTHING_SENT)[0]
  assert.deepEqual([failed?.error, less?.error], ['internal', undefined])
  assert.equal(failed?.spanId, runSpanId(endedAs(1).run))
})

test('a record that does not know the run’s end yet has no spans', () => {
  const timeline = timelineOf(eventsAt({ type: 'run.queued', atMs: 100 }), [])
  assert.deepEqual(spansOfRun(timeline, endedAs(0), NOTHING_SENT), [])
})
