import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fact, FactRun } from '../../../src/telemetry/facts.ts'
import { createLogger } from '../../../src/telemetry/logs/create-logger.ts'
import { logFacts } from '../../../src/telemetry/logs/log-facts.ts'
import { FACTS } from '../metrics/support/facts.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const run: FactRun = {
  runId: 'run_1',
  tenant: 'acme',
  principal: 'ann',
  trace: { traceId: TRACE, parentSpanId: null, sampled: null, resumes: 0 },
}
const of = { run, agent: 'support' } as const
const took = { startedAtMs: 1, durationMs: 812 } as const
const usage = {
  inputTokens: 1_200,
  cachedInputTokens: 0,
  outputTokens: 80,
  modelCalls: 2,
  toolCalls: 1,
  costMicroUsd: 4_100,
}
const attempted = {
  ...of,
  ...took,
  type: 'model.attempted',
  step: 1,
  hop: 0,
  attempt: 1,
  provider: 'openai',
  model: 'gpt-5.5',
  purpose: 'answer',
  maxOutputTokens: 4_096,
} as const
const tool = {
  ...of,
  ...took,
  type: 'tool.attempted',
  step: 1,
  index: 0,
  again: 0,
  attempt: 1,
  isLocal: false,
  callId: 'call_1',
  tool: 'issue_refund',
  effect: 'irreversible',
} as const
const request = {
  ...took,
  type: 'request.answered',
  requestId: 'req_1',
  method: 'GET',
  route: '/v1/runs/:id',
  status: 200,
} as const

type Row = Record<string, unknown>

function linesOf(facts: readonly Fact[], areas = {}): Row[] {
  const rows: Row[] = []
  const write = (line: string) => rows.push(JSON.parse(line) as Row)
  const logger = createLogger({ levels: { base: 'info', areas }, format: 'json', secrets: [] }, { write })
  const sink = logFacts(logger)
  for (const fact of facts) sink.take(fact)
  return rows.map(({ time, pid, hostname, ...row }) => row)
}

const COMMON = { runId: 'run_1', traceId: TRACE, tenant: 'acme', agent: 'support' }

test('a run has a line when it starts, waits, goes on and ends', () => {
  const lines = linesOf([
    { ...of, type: 'run.accepted', agentVersion: 'v1', promptVersion: 'v1' },
    { ...of, type: 'run.started', queuedMs: 12 },
    { ...of, type: 'run.waits', waitsFor: 'approval' },
    { ...of, type: 'run.goes_on', waitedFor: 'approval' },
    { ...of, type: 'run.started', queuedMs: null },
    {
      ...of,
      type: 'run.ended',
      agentVersion: 'v1',
      promptVersion: 'v1',
      status: 'incomplete',
      reason: 'budget',
      steps: 2,
      durationMs: 5_000,
      usage,
    },
  ])
  const info = { level: 30, area: 'runs', ...COMMON }
  assert.deepEqual(lines, [
    { ...info, queuedMs: 12, msg: 'run started' },
    { ...info, msg: 'run waits for a person' },
    { ...info, msg: 'run goes on after it waited for a person' },
    { ...info, msg: 'run resumed' },
    {
      ...info,
      outcome: 'incomplete',
      reason: 'budget',
      steps: 2,
      durationMs: 5_000,
      inputTokens: 1_200,
      outputTokens: 80,
      costMicroUsd: 4_100,
      msg: 'run ended: incomplete',
    },
  ])
})

test('an attempt of a model has a line with its time, tokens and cost, and with its code where it failed', () => {
  const { modelCalls, toolCalls, costMicroUsd, ...tokens } = usage
  const callUsage = { ...tokens, cacheWriteTokens: 0, reasoningTokens: 0 }
  const [answered, failed] = linesOf([
    {
      ...attempted,
      outcome: 'answered',
      servedBy: 'gpt-5.5',
      requestId: 'r',
      firstByteMs: 90,
      usage: callUsage,
      costMicroUsd,
    },
    { ...attempted, purpose: 'summary', outcome: 'failed', code: 'model_overloaded' },
  ])
  const about = {
    level: 30,
    area: 'models',
    ...COMMON,
    step: 1,
    hop: 0,
    modelAttempt: 1,
    provider: 'openai',
    model: 'gpt-5.5',
    durationMs: 812,
  }
  assert.deepEqual(answered, {
    ...about,
    outcome: 'answered',
    providerRequestId: 'r',
    firstByteMs: 90,
    inputTokens: 1_200,
    outputTokens: 80,
    costMicroUsd: 4_100,
    msg: 'model answered',
  })
  assert.deepEqual(failed, {
    ...about,
    outcome: 'failed',
    code: 'model_overloaded',
    purpose: 'summary',
    msg: 'model gave no answer',
  })
})

test('an attempt of a tool has a line, a warning where it came to nothing', () => {
  const lines = linesOf([
    { ...tool, outcome: 'ok' },
    { ...tool, outcome: 'retried', code: 'tool_timed_out' },
    { ...tool, outcome: 'outcome_unknown', code: 'tool_outcome_unknown' },
  ])
  assert.deepEqual(
    lines.map(({ level, area, tool, callId, outcome, code }) => ({
      level,
      area,
      tool,
      callId,
      outcome,
      code,
    })),
    [
      { level: 30, area: 'tools', tool: 'issue_refund', callId: 'call_1', outcome: 'ok', code: undefined },
      {
        level: 40,
        area: 'tools',
        tool: 'issue_refund',
        callId: 'call_1',
        outcome: 'retried',
        code: 'tool_timed_out',
      },
      {
        level: 40,
        area: 'tools',
        tool: 'issue_refund',
        callId: 'call_1',
        outcome: 'outcome_unknown',
        code: 'tool_outcome_unknown',
      },
    ],
  )
})

test('a question to a person has a line, and the decision one with who made it', () => {
  const lines = linesOf([
    { ...of, type: 'approval.requested', step: 1, approvalId: 'apr_1', tool: 'issue_refund' },
    {
      ...of,
      ...took,
      type: 'approval.decided',
      step: 1,
      approvalId: 'apr_1',
      tool: 'issue_refund',
      outcome: 'approved',
      by: 'mia',
    },
  ])
  const about = {
    level: 30,
    area: 'approvals',
    ...COMMON,
    step: 1,
    tool: 'issue_refund',
    approvalId: 'apr_1',
  }
  assert.deepEqual(lines, [
    { ...about, msg: 'approval requested' },
    { ...about, outcome: 'approved', by: 'mia', durationMs: 812, msg: 'approval decided: approved' },
  ])
})

test('a request has a line; probes, scrapes and event streams have theirs at debug, unless they fail', () => {
  const requests: Fact[] = [
    { ...request, tenant: 'acme', key: 'k1', runId: 'run_1', traceId: TRACE },
    { ...request, route: '/health' },
    { ...request, route: '/metrics' },
    { ...request, route: '/v1/runs/:id/events' },
    { ...request, route: '/ready', status: 503 },
    { ...request, method: 'POST', route: '/v1/keys', status: 201, madeKey: 'k2' },
  ]
  const lines = linesOf(requests)
  assert.deepEqual(lines, [
    {
      level: 30,
      area: 'http',
      requestId: 'req_1',
      method: 'GET',
      route: '/v1/runs/:id',
      httpStatus: 200,
      durationMs: 812,
      runId: 'run_1',
      traceId: TRACE,
      tenant: 'acme',
      keyId: 'k1',
      msg: 'GET /v1/runs/:id 200',
    },
    {
      level: 30,
      area: 'http',
      requestId: 'req_1',
      method: 'GET',
      route: '/ready',
      httpStatus: 503,
      durationMs: 812,
      msg: 'GET /ready 503',
    },
    {
      level: 30,
      area: 'http',
      requestId: 'req_1',
      method: 'POST',
      route: '/v1/keys',
      httpStatus: 201,
      durationMs: 812,
      madeKeyId: 'k2',
      msg: 'POST /v1/keys 201',
    },
  ])
  assert.equal(linesOf(requests, { http: 'debug' }).length, 6)
  assert.equal(linesOf(requests, { http: 'error' }).length, 0)
})

test('an activity that is tried again has a warning; during an outage of the store, which has lines of its own, it has none', () => {
  const retried = { type: 'activity.retried', runId: 'run_1', attempt: 3 } as const
  const lines = linesOf([
    { ...retried, activity: 'closeRun', code: 'internal', traceId: 'a1', tenant: 'acme' },
    { ...retried, activity: 'closeRun', code: 'store_unavailable' },
    { ...retried, activity: 'callModel', code: 'model_overloaded' },
  ])
  assert.deepEqual(lines, [
    {
      level: 40,
      area: 'runs',
      runId: 'run_1',
      activity: 'closeRun',
      attempt: 3,
      code: 'internal',
      traceId: 'a1',
      tenant: 'acme',
      msg: 'activity failed and is tried again',
    },
  ])
})

const OTHERS: readonly (readonly [Fact, string])[] = [
  [
    {
      ...of,
      ...took,
      type: 'cache.asked',
      step: 1,
      hop: 0,
      provider: 'openai',
      model: 'gpt-5.5',
      attempt: 1,
      outcome: 'exact',
      savedMicroUsd: 9,
    },
    'answered from the cache',
  ],
  [
    { ...of, type: 'budget.reached', reached: { scope: 'run', limit: 'cost', allowed: 1, used: 2 } as never },
    'budget reached',
  ],
  [
    {
      ...of,
      ...took,
      type: 'context.compacted',
      step: 1,
      number: 1,
      strategy: 'sliding',
      tokensBefore: 9,
      tokensAfter: 1,
    },
    'transcript compacted',
  ],
  [{ ...of, ...took, type: 'model.routed', step: 1, rule: 'long', model: 'gpt-5.5' }, 'models chosen'],
  [
    { ...of, type: 'tool.refused', step: 1, index: 0, callId: 'c', tool: 'pay', code: 'tool_not_allowed' },
    'tool call refused',
  ],
  [
    { ...of, type: 'agent.handed_off', step: 1, index: 0, tool: 'to_refunds', to: 'refunds', atMs: 1 },
    'run handed off',
  ],
  [
    {
      ...of,
      ...took,
      type: 'sub_agent.ended',
      step: 1,
      index: 0,
      tool: 'ask',
      to: 'helper',
      childRunId: 'run_2',
      status: 'completed',
    },
    'sub-agent ended',
  ],
]

test('every other thing that happens to a run has a line', () => {
  for (const [fact, text] of OTHERS)
    assert.deepEqual(
      linesOf([fact]).map(({ msg, runId }) => [msg, runId]),
      [[text, 'run_1']],
    )
})

test('what is written where it happens, with its error, has no second line', () => {
  const elsewhere: Fact[] = [
    { type: 'outage.began', of: 'store' },
    { type: 'outage.ended', of: 'store', awayMs: 1 },
    FACTS['guard.tripped'],
  ]
  assert.deepEqual(linesOf(elsewhere), [])
})

test('a slow statement has a line with whose it was, where it was an activity’s', () => {
  const { by: _by, ...ofNobody } = FACTS['statement.slow']
  const [line, other] = linesOf([FACTS['statement.slow'], ofNobody], { store: 'debug' })
  const { runId, traceId, tenant, agent, step, ...rest } = line ?? {}
  assert.deepEqual([runId, tenant, agent, step], ['run_01', 'acme', 'support', 3])
  assert.equal(traceId, '0'.repeat(32))
  const what = { level: 20, area: 'store', statement: 'close_run', durationMs: 1_500, waitedMs: 20 }
  assert.deepEqual(rest, { ...what, activity: 'callModel', msg: 'a statement was slow' })
  assert.deepEqual(other, { ...what, msg: 'a statement was slow' })
})

test('a call that the run stops is no trouble', () => {
  const stopped = { ...FACTS['tool.attempted'], outcome: 'stopped', code: 'tool_cancelled' } as const
  assert.deepEqual(
    linesOf([stopped]).map(({ level, msg, code }) => [level, msg, code]),
    [[30, 'tool call stopped', 'tool_cancelled']],
  )
})
