import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Script } from '../../../src/testing/script.ts'
import { firstWords } from '../../support/office/words.ts'
import { checkTree, distinct, outline } from '../../telemetry/traces/support/check-tree.ts'
import type { ReceivedSpan } from '../../telemetry/traces/support/decode-spans.ts'
import { type OtlpReceiver, startOtlpReceiver } from '../../telemetry/traces/support/otlp-receiver.ts'
import { type ChaosSystem, startChaosSystem } from './support/chaos-system.ts'
import { ACCOUNT } from './support/pay-desk/books.ts'
import { PAYMENT } from './support/pay-desk/scripts.ts'

const CANARY = 'the heron stands in the reeds at noon'
const KEY = 'sk-canary-5d41402abc4b2a76'

const stalled = Promise.withResolvers<void>()

/**
 * Hands on; the specialist's first model declines, the second one looks up and wants a payment. In the run that is to lose its worker,
 * that model's first answer breaks off in the middle.
 */
const script: Script = ({ model, messages, tools }) => {
  const said = messages.filter(({ role }) => role === 'assistant').length
  if (said === 0)
    return { text: CANARY, toolCalls: [{ tool: 'handoff_to_billing', arguments: { reason: CANARY } }] }
  if (!tools.includes('pay_out')) throw new Error('not the specialist')
  if (said === 1 && model.startsWith('gpt'))
    return { fault: { status: 400, body: { error: { message: CANARY } } } }
  if (said === 1 && firstWords(messages) === 'doomed' && !hasStalled) {
    hasStalled = true
    stalled.resolve()
    return { text: CANARY, fault: 'stall' }
  }
  if (said === 1) {
    return {
      toolCalls: [
        { tool: 'look_up', arguments: { account: ACCOUNT } },
        { tool: 'pay_out', arguments: PAYMENT },
      ],
    }
  }
  return { text: CANARY }
}
let hasStalled = false

let system: ChaosSystem
let receiver: OtlpReceiver
before(async () => {
  receiver = await startOtlpReceiver()
  system = await startChaosSystem(script)
})
after(async () => {
  await system.close()
  await receiver.close()
})

function startWorker() {
  return system.startWorker(system.databaseUrl, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: `authorization=Basic%20${KEY}`,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=chaos',
    OPENAI_API_KEY: KEY,
    ANTHROPIC_API_KEY: KEY,
  })
}

async function spansOf(runId: string): Promise<ReceivedSpan[]> {
  const ofRun = (spans: readonly ReceivedSpan[]) =>
    spans.filter(({ attributes }) => attributes['holdfast.run.id'] === runId)
  await receiver.until((spans) => ofRun(spans).some(({ name }) => name === 'invoke_agent support'))
  return ofRun(receiver.spans())
}

async function approveAndEnd(id: string): Promise<void> {
  const { caller } = system
  await caller.decide(await caller.untilWaiting(id), { decision: 'approve' })
  assert.equal((await caller.untilEnd(id)).status, 'completed')
}

const TREE = [
  'invoke_agent support',
  '  queued',
  '  step 1',
  '    chat gpt-5.5',
  '    hand over to billing',
  '  step 2',
  '    chat gpt-5.5 !',
  '    chat claude-haiku-4-5',
  '    execute_tool look_up',
  '    wait for approval',
  '    execute_tool pay_out',
  '  step 3',
  '    chat gpt-5.5',
]

test('a run whose worker was killed in the middle has the same tree, and the attempt that was lost', async () => {
  const { caller } = system
  const doomed = await startWorker()
  const { id } = (await caller.start({ agent: 'support', input: 'doomed' })).body
  await stalled.promise
  await doomed.kill()
  const early = new Set(receiver.spans().map(({ spanId }) => spanId))

  const next = await startWorker()
  await approveAndEnd(id)
  const spans = await spansOf(id)
  const root = checkTree(spans)
  const [before, lost] = [TREE.slice(0, 7), '    chat claude-haiku-4-5']
  assert.deepEqual(outline(spans, root), [...before, lost, ...TREE.slice(7)])
  const lostSpan = distinct(spans).find(
    ({ name, attributes }) => name === lost.trim() && attributes['holdfast.outcome'] === 'stopped',
  )
  assert.ok(lostSpan, 'the attempt that nobody saw the end of')

  for (const { spanId, name } of spans.filter(({ spanId }) => early.has(spanId))) {
    const same = spans.filter((span) => span.spanId === spanId)
    assert.ok(
      same.every((span) => span.name === name && span.parentSpanId === same[0]?.parentSpanId),
      'what was sent twice is the same span',
    )
  }
  await next.terminate()
})

test('a run that was left alone has that tree, and a worker that ends sends the last of it', async () => {
  const { caller } = system
  const worker = await startWorker()
  const { id } = (await caller.start({ agent: 'support', input: 'spared' })).body
  await approveAndEnd(id)
  await worker.terminate()
  const spans = await spansOf(id)
  assert.deepEqual(outline(spans, checkTree(spans)), TREE)
  assert.equal(distinct(spans).length, spans.length, 'one worker sends nothing twice')
  assert.equal(spans[0]?.resource['deployment.environment.name'], 'chaos')
})

test('neither words nor keys are in any span', () => {
  const sent = Buffer.concat(receiver.requests.map(({ body }) => body))
  assert.ok(sent.length > 0)
  for (const canary of [CANARY, KEY, 'The water tank']) assert.ok(!sent.includes(canary), canary)
})
