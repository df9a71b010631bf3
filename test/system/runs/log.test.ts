import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '../../../src/telemetry/logs/create-logger.ts'
import { logFacts } from '../../../src/telemetry/logs/log-facts.ts'
import { createMetrics } from '../../../src/telemetry/metrics/create-metrics.ts'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'
import type { ScriptedReply } from '../../../src/testing/script.ts'
import { PAY, sayInTurn } from '../../support/office/scripts.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { createCaller } from './support/caller.ts'

const QUESTION = 'Canary in a question, from canary@corp.example'
const ANSWER = 'Canary in an answer'
const NOTE = { tool: 'take_note', arguments: { content: 'Canary in an argument' } } as const

interface Row {
  readonly level: number
  readonly area?: string
  readonly runId?: string
  readonly traceId?: string
  readonly msg: string
}

/** Plays a run with a note, a payment that a person approves, and an answer; gives its lines at every level. */
async function play(logsContent: boolean): Promise<{ id: string; rows: Row[]; text: string }> {
  let text = ''
  const write = (line: string) => {
    text += line
  }
  const logger = createLogger(
    { levels: { base: 'trace', areas: {} }, format: 'json', secrets: [] },
    { write },
  )
  const environment = await startEnvironment({
    script: sayInTurn({ toolCalls: [NOTE] }, { toolCalls: [PAY] }, { text: ANSWER }),
    logger,
    telemetry: createTelemetry([logFacts(logger)]),
    logsContent,
  })
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => environment.close())
  const caller = createCaller(environment.service.url)
  const { id } = (await caller.start({ agent: 'clerk', input: QUESTION })).body
  const { approval_id } = await caller.until(id, 'approval.requested')
  await caller.decide(await caller.approval(String(approval_id)), { decision: 'approve' })
  assert.equal((await caller.untilEnd(id)).output, ANSWER)
  await cleanup.disposeAsync()
  return {
    id,
    rows: text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row),
    text,
  }
}

test('a run without trouble is told in a few lines, with its trace in each, and with no word of a person, a model or a tool', async () => {
  const { id, rows, text } = await play(false)
  const told = rows.filter(({ level, runId, area }) => level >= 30 && runId === id && area !== 'http')
  assert.deepEqual(
    told.map(({ msg }) => msg),
    [
      'run started',
      'model answered',
      'tool answered',
      'model answered',
      'approval requested',
      'run waits for a person',
      'approval decided: approved',
      'run goes on after it waited for a person',
      'tool answered',
      'model answered',
      'run ended: completed',
    ],
  )
  assert.equal(new Set(told.map(({ traceId }) => traceId)).size, 1)
  assert.ok(rows.some(({ msg }) => msg === 'POST /v1/runs 202'))
  assert.deepEqual(
    rows.filter(({ level }) => level >= 40),
    [],
  )
  assert.doesNotMatch(text, /canary/i)
})

test('a provider that quotes the prompt in its errors brings it into no line, event or metric', async () => {
  const says = `Your input “${QUESTION}” is refused`
  const quoting = { message: says, type: says, code: says }
  const replies: readonly ScriptedReply[] = [
    { text: '…', fault: { streamError: quoting } },
    { fault: { status: 400, body: { error: quoting } } },
  ]
  let asked = 0
  const lines: string[] = []
  const logger = createLogger(
    { levels: { base: 'trace', areas: {} }, format: 'json', secrets: [] },
    { write: (line: string) => void lines.push(line) },
  )
  const metrics = createMetrics({ tenants: true })
  const environment = await startEnvironment({
    script: () => replies[asked++] ?? { fault: { status: 400, body: { error: quoting } } },
    logger,
    telemetry: createTelemetry([metrics.sink, logFacts(logger)]),
  })
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => environment.close())
  const caller = createCaller(environment.service.url)
  const { id } = (await caller.start({ agent: 'clerk', input: QUESTION })).body
  assert.equal((await caller.untilEnd(id)).status, 'incomplete')
  const failed = lines.filter((line) => line.includes('model call failed'))
  assert.ok(failed.length >= 2, failed.join(''))
  assert.deepEqual(
    lines.filter((line) => /canary/i.test(line)),
    [],
  )
  assert.doesNotMatch(JSON.stringify(await caller.events(id)), /canary/i)
  const page = await metrics.page()
  assert.match(page, /holdfast_model_attempts_total\{[^}]*code="model_request_refused"/)
  assert.doesNotMatch(page, /canary/i)
})

test('what is said is logged where the configuration wants it: at debug, and redacted', async () => {
  const { rows } = await play(true)
  const saying = rows.filter((row) => /canary/i.test(JSON.stringify(row)))
  const texts = JSON.stringify(saying)
  for (const part of ['Canary in a question', 'Canary in an answer', 'Canary in an argument'])
    assert.ok(texts.includes(part))
  assert.doesNotMatch(texts, /canary@corp/)
  assert.deepEqual([...new Set(saying.map(({ level }) => level))], [20])
})
