import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import type { FactOf } from '../../../src/telemetry/facts.ts'
import { createRedactor } from '../../../src/telemetry/redaction/redactor.ts'
import { createFindContent } from '../../../src/telemetry/traces/span-content.ts'
import { spanOfFact } from '../../../src/telemetry/traces/spans-of-fact.ts'
import {
  answerTo,
  assistantMessage,
  begun,
  decisionOf,
  SHA256,
  startRun,
  toolMessage,
  toolResult,
} from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'

const SECRET = 'correct-horse-battery-staple'

function attempted(run: RunIdentity, changes: Partial<FactOf<'model.attempted'>> = {}) {
  return spanOfFact({
    type: 'model.attempted',
    run: toFactRun(run),
    agent: 'support',
    step: 1,
    hop: 0,
    attempt: 1,
    provider: 'openai',
    model: 'gpt-test',
    purpose: 'answer',
    outcome: 'answered',
    maxOutputTokens: 100,
    startedAtMs: 1_000,
    durationMs: 5,
    ...changes,
  })
}

function toolAttempted(run: RunIdentity) {
  return spanOfFact({
    type: 'tool.attempted',
    run: toFactRun(run),
    agent: 'support',
    step: 1,
    index: 0,
    again: 0,
    attempt: 1,
    isLocal: false,
    callId: 'call_0',
    tool: 'get_order',
    effect: 'read',
    outcome: 'ok',
    startedAtMs: 1_000,
    durationMs: 5,
  })
}

forEachDatabase((_name, open) => {
  let db: Database
  let run: RunIdentity
  const find = createFindContent(() => db, createRedactor([SECRET]))

  before(async () => {
    db = await open()
    run = await startRun(db, {
      input: [{ role: 'user', text: `I am ann@shop.example, and the word is ${SECRET}.` }],
    })
    const message = assistantMessage('I look it up.', ['get_order'])
    await storeModelCall(db, answerTo(run, await begun(db, run), { message, decision: decisionOf(message) }))
    const told = toolMessage(0, `{"for":"bob@shop.example","key":"${SECRET}"}`)
    await storeToolResult(db, toolResult(run, 0, { message: told, argumentsSha256: SHA256 }))
  })

  test('an answered call has what is new to the model, and its answer, without secrets and addresses', async () => {
    const content = await find(toFactRun(run), attempted(run))
    assert.deepEqual(JSON.parse(String(content['gen_ai.input.messages'])), [
      { role: 'user', parts: [{ type: 'text', content: 'I am [email], and the word is [secret].' }] },
    ])
    assert.deepEqual(JSON.parse(String(content['gen_ai.output.messages'])), [
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: 'I look it up.' },
          { type: 'tool_call', id: 'call_0', name: 'get_order', arguments: { order: 0 } },
        ],
      },
    ])
  })

  test('a tool call has its arguments and its result', async () => {
    const content = await find(toFactRun(run), toolAttempted(run))
    assert.deepEqual(JSON.parse(String(content['gen_ai.tool.call.arguments'])), { order: 0 })
    const result = String(content['gen_ai.tool.call.result'])
    assert.match(result, /\[email\]/)
    assert.ok(!result.includes(SECRET))
  })

  test('the next call has only what has come since the answer before', async () => {
    const second = { step: 2, seq: 3 } as const
    const message = assistantMessage('Done.')
    const begin = await begun(db, run, second)
    await storeModelCall(db, answerTo(run, begin, { ...second, message, decision: decisionOf(message) }))
    const content = await find(toFactRun(run), attempted(run, { step: 2 }))
    const input: unknown = JSON.parse(String(content['gen_ai.input.messages']))
    assert.ok(Array.isArray(input) && input.length === 1 && input[0]?.role === 'tool')
  })

  test('an attempt without an answer, a side call, and a run of somebody else have none', async () => {
    assert.deepEqual(await find(toFactRun(run), attempted(run, { outcome: 'failed' })), {})
    assert.deepEqual(await find(toFactRun(run), attempted(run, { purpose: 'summary' })), {})
    assert.deepEqual(await find({ ...toFactRun(run), tenant: 'other' }, attempted(run)), {})
  })
})
