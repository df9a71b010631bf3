import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { z } from 'zod'
import { defineAgent, defineApp, defineTool, handoff, subAgent } from '../../../src/index.ts'
import { findRunTimeline } from '../../../src/store/record/run-timeline.ts'
import { currentActivity } from '../../../src/telemetry/activity-scope.ts'
import type { ActivityScope, Fact, FactOf } from '../../../src/telemetry/facts.ts'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'
import { openTraces, type Traces } from '../../../src/telemetry/traces/open-traces.ts'
import { spansOfRun } from '../../../src/telemetry/traces/spans-of-run.ts'
import type { Script } from '../../../src/testing/script.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { checkTree, outline } from '../../telemetry/traces/support/check-tree.ts'
import type { ReceivedSpan } from '../../telemetry/traces/support/decode-spans.ts'
import { type OtlpReceiver, startOtlpReceiver } from '../../telemetry/traces/support/otlp-receiver.ts'
import { type Caller, createCaller } from './support/caller.ts'

/** Stands in all that people, models and tools say. */
const CANARY = 'the heron stands in the reeds at noon'

const traceparents: string[] = []
const scopes: (ActivityScope | null)[] = []

const find = defineTool({
  name: 'find_invoice',
  description: 'Finds an invoice.',
  input: z.strictObject({ words: z.string() }),
  effect: 'read',
  execute: () => ({ found: CANARY }),
})

const refund = defineTool({
  name: 'refund',
  description: 'Pays back.',
  input: z.strictObject({ words: z.string() }),
  effect: 'irreversible',
  idempotency: 'key',
  approval: { rules: [], otherwise: 'ask' },
  execute(_, { traceparent }) {
    traceparents.push(traceparent)
    scopes.push(currentActivity())
    return { refunded: CANARY }
  },
})

const app = defineApp({
  name: 'desk',
  agents: [
    defineAgent({
      name: 'desk',
      version: 'v1',
      instructions: 'Hand on.',
      tools: [handoff({ to: 'billing' })],
      cache: { exact: { ttlMs: 600_000 }, scope: 'tenant', withTools: true },
    }),
    defineAgent({
      name: 'billing',
      version: 'v1',
      instructions: 'Pay back.',
      startable: false,
      tools: [find, refund, subAgent({ to: 'research', name: 'ask_research' })],
    }),
    defineAgent({ name: 'research', version: 'v1', instructions: 'Look into it.' }),
  ],
})

/** Hands on, finds, pays back, asks a sub-agent, and answers. The first model declines the specialist's first step. */
const script: Script = ({ model, system, messages }) => {
  if (system.startsWith('Look into it.')) return { text: CANARY }
  if (system.startsWith('Hand on.'))
    return { toolCalls: [{ tool: 'handoff_to_billing', arguments: { reason: CANARY } }] }
  const said = messages.filter(({ role }) => role === 'assistant').length
  if (said === 1 && model.startsWith('gpt'))
    return { fault: { status: 401, body: { error: { message: CANARY } } } }
  switch (said) {
    case 1:
      return { toolCalls: [{ tool: 'find_invoice', arguments: { words: CANARY } }] }
    case 2:
      return { toolCalls: [{ tool: 'refund', arguments: { words: CANARY } }] }
    case 3:
      return { toolCalls: [{ tool: 'ask_research', arguments: { task: CANARY } }] }
    default:
      return { text: CANARY }
  }
}

const CALLER = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }

describe('the spans of a support case', () => {
  let receiver: OtlpReceiver
  let traces: Traces
  let environment: Environment
  let caller: Caller
  const facts: Fact[] = []

  before(async () => {
    receiver = await startOtlpReceiver()
    traces = openTraces({
      config: {
        url: `${receiver.url}/v1/traces`,
        headers: { authorization: 'Basic eA==' },
        serviceName: 'desk',
        resource: {},
        sampler: 'parentbased_always_on',
        ratio: 1,
        content: false,
      },
      logger: testLogger,
      instance: 'test',
      findTimeline: (run) => findRunTimeline(environment.database, run),
    })
    const telemetry = createTelemetry(
      [{ take: (fact) => void facts.push(fact) }, traces.sink],
      traces.isSampled,
    )
    environment = await startEnvironment({ app, script, store: 'postgres', telemetry })
    caller = createCaller(environment.service.url)
  })
  after(async () => {
    await environment.close()
    await traces.close()
    await receiver.close()
  })

  async function play(traceparent: string, whileWaiting?: () => Promise<unknown>): Promise<string> {
    const { body, status, text } = await caller.start({ agent: 'desk', input: CANARY }, { traceparent })
    assert.equal(status, 202, text)
    const approval = await caller.untilWaiting(body.id)
    await whileWaiting?.()
    await caller.decide(approval, { decision: 'approve', comment: CANARY })
    const run = await caller.untilEnd(body.id)
    assert.equal(run.status, 'completed')
    return body.id
  }

  async function spansOf(traceId: string): Promise<ReceivedSpan[]> {
    const ofTrace = (spans: readonly ReceivedSpan[]) => spans.filter((span) => span.traceId === traceId)
    await receiver.until((spans) => ofTrace(spans).some(({ name }) => name === 'invoke_agent desk'))
    return ofTrace(receiver.spans())
  }

  test('are one tree under the caller’s span, with handoff, fallback, approval and sub-agent', async () => {
    const { traceId, spanId } = CALLER
    const runId = await play(`00-${traceId}-${spanId}-01`)
    assert.equal((await caller.run(runId)).trace_id, traceId)
    const spans = await spansOf(traceId)
    const root = checkTree(spans)
    assert.equal(root.parentSpanId, spanId)
    assert.deepEqual(outline(spans, root), [
      'invoke_agent desk',
      '  queued',
      '  step 1',
      '    look up answer cache',
      '    chat gpt-5.5',
      '    hand over to billing',
      '  step 2',
      '    chat gpt-5.5 !',
      '    chat claude-haiku-4-5',
      '    execute_tool find_invoice',
      '  step 3',
      '    chat gpt-5.5',
      '    wait for approval',
      '    execute_tool refund',
      '  step 4',
      '    chat gpt-5.5',
      '    execute_tool ask_research',
      '      invoke_agent research',
      '        queued',
      '        step 1',
      '          chat gpt-5.5',
      '  step 5',
      '    chat gpt-5.5',
    ])
    const refunded = spans.find(({ name }) => name === 'execute_tool refund')
    assert.deepEqual(
      traceparents.splice(0),
      [`00-${traceId}-${refunded?.spanId}-01`],
      'the tool goes on with it',
    )
    assert.deepEqual(
      scopes.splice(0).map((scope) => [scope?.run.runId, scope?.activity, scope?.step, scope?.spanId]),
      [[runId, 'runTool', 3, refunded?.spanId]],
      'a slow statement of the tool would hang on it',
    )
  })

  test('have the cache’s answer in place of the model’s, the second time', async () => {
    const traceId = 'b'.repeat(32)
    await play(`00-${traceId}-${CALLER.spanId}-01`)
    const spans = await spansOf(traceId)
    const root = checkTree(spans)
    assert.deepEqual(outline(spans, root).slice(2, 5), [
      '  step 1',
      '    look up answer cache',
      '    hand over to billing',
    ])
    const found = spans.find(({ name }) => name === 'look up answer cache')
    assert.equal(found?.attributes['holdfast.cache.outcome'], 'exact')
  })

  test('have the steps that are over while the run waits, and later the same ones once', async () => {
    const traceId = 'e'.repeat(32)
    const stepsOf = (spans: readonly ReceivedSpan[]) =>
      spans.filter((span) => span.traceId === traceId && /^step/.test(span.name))
    let early: readonly ReceivedSpan[] = []
    await play(`00-${traceId}-${CALLER.spanId}-01`, async () => {
      early = stepsOf(await receiver.until((spans) => stepsOf(spans).length >= 2))
    })
    assert.deepEqual(
      early.map(({ name, attributes }) => [name, attributes['gen_ai.agent.name']]),
      [
        ['step 1', 'desk'],
        ['step 2', 'billing'],
      ],
    )
    const spans = await spansOf(traceId)
    checkTree(spans)
    const ofRun = stepsOf(spans).filter(({ attributes }) => attributes['gen_ai.agent.name'] !== 'research')
    assert.deepEqual(
      ofRun.map(({ name }) => name),
      ['step 1', 'step 2', 'step 3', 'step 4', 'step 5'],
    )
    const asked = spans.find(({ name }) => name === 'wait for approval')
    assert.equal(asked?.attributes['gen_ai.agent.name'], 'billing')
  })

  test('say what conventions say of models, tools and agents', async () => {
    const spans = await spansOf(CALLER.traceId)
    const failed = spans.find(({ name, status }) => name === 'chat gpt-5.5' && status === 2)
    assert.equal(failed?.attributes['error.type'], 'model_unauthorized')
    assert.equal(failed?.kind, 3)
    const served = spans.find(({ name }) => name === 'chat claude-haiku-4-5')
    const { attributes = {} } = served ?? {}
    assert.equal(attributes['gen_ai.operation.name'], 'chat')
    assert.equal(attributes['gen_ai.provider.name'], 'anthropic')
    assert.equal(attributes['gen_ai.agent.name'], 'billing')
    assert.equal(typeof attributes['gen_ai.usage.input_tokens'], 'number')
    assert.equal(typeof attributes['holdfast.cost_micro_usd'], 'number')
    assert.equal(served?.resource['service.name'], 'desk')
    assert.equal(receiver.requests[0]?.headers.authorization, 'Basic eA==')
  })

  test('have the same ids when they are made again from the record', async () => {
    const spans = await spansOf(CALLER.traceId)
    const ended = facts.filter(
      (fact): fact is FactOf<'run.ended'> =>
        fact.type === 'run.ended' && fact.run.trace.traceId === CALLER.traceId,
    )
    assert.equal(ended.length, 2, 'the run and its sub-agent')
    const known = new Map(spans.map((span) => [span.spanId, span]))
    for (const fact of ended) {
      const timeline = await findRunTimeline(environment.database, fact.run)
      assert.ok(timeline)
      const again = spansOfRun(timeline, fact, { spanIds: new Set(), steps: new Set() })
      for (const { spanId, parentSpanId, name } of again) {
        assert.equal(known.get(spanId)?.name, name)
        assert.equal(known.get(spanId)?.parentSpanId, parentSpanId)
      }
      const made = new Set(again.map(({ spanId }) => spanId))
      const own = spans.filter(({ attributes }) => attributes['holdfast.run.id'] === fact.run.runId)
      assert.deepEqual(
        own.filter(({ spanId }) => !made.has(spanId)).map(({ name }) => name),
        fact.agent === 'desk' ? ['look up answer cache'] : [],
        'the record has all but a look-up that has found nothing',
      )
    }
  })

  test('hold no text of people, models or tools', () => {
    const sent = Buffer.concat(receiver.requests.map(({ body }) => body))
    assert.ok(sent.length > 0)
    assert.ok(!sent.includes(CANARY))
    assert.ok(!JSON.stringify(facts).includes(CANARY))
  })

  test('are not made where the caller’s trace is not recorded', async () => {
    const traceId = 'c'.repeat(32)
    await play(`00-${traceId}-${CALLER.spanId}-00`)
    assert.match(traceparents.at(-1) ?? '', new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))
    const other = 'd'.repeat(32)
    await play(`00-${other}-${CALLER.spanId}-01`)
    await spansOf(other)
    assert.deepEqual(
      receiver.spans().filter((span) => span.traceId === traceId),
      [],
    )
  })
})
