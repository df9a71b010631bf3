import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { z } from 'zod'
import { NO_READERS } from '../../../../src/activities/events/run-readers.ts'
import { createCallModel } from '../../../../src/activities/models/call-model.ts'
import type { ModelAnswer, ModelRequest } from '../../../../src/activities/models/wires/model-adapter.ts'
import { inSequence } from '../../../../src/activities/traffic/in-sequence.ts'
import { answerSchemaOf } from '../../../../src/app/answer-schema.ts'
import type { JsonObject } from '../../../../src/contracts/json.ts'
import type { HopOutcome } from '../../../../src/contracts/models/model-call.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../../src/contracts/runs/run.ts'
import { ANSWER_NOTES } from '../../../../src/policies/models/answers.ts'
import { loadTranscript } from '../../../../src/store/record/messages.ts'
import { NO_TELEMETRY } from '../../../../src/telemetry/telemetry.ts'
import { assertBooks } from '../../../store/support/books.ts'
import { assistantMessage, samplePlan, startRun } from '../../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import { NO_OUTSIDE, testApp } from '../../../support/test-app.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { testLogger } from '../../../support/test-runtime.ts'
import { acceptedAs } from '../../support/accepted.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

const schema = answerSchemaOf(z.strictObject({ cents: z.int() }))
const USAGE = {
  inputTokens: 50,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 20,
  reasoningTokens: 0,
}

function planWith(output: JsonObject): RunPlan {
  return { ...samplePlan, output, limits: { ...samplePlan.limits, answerRepairs: 1, answerContinuations: 2 } }
}

function answer(text: string, stop: ModelAnswer['stop'] = 'end'): ModelAnswer {
  return { message: assistantMessage(text), stop, usage: USAGE, servedBy: 'gpt-test', requestId: null }
}

/** A model that gives these answers in turn, in a run of this plan, and what it was asked. */
async function modelThat(plan: RunPlan, ...answers: readonly ModelAnswer[]) {
  const run = await startRun(store.database, { plan })
  const asked: ModelRequest[] = []
  const callModel = createCallModel({
    telemetry: NO_TELEMETRY,
    database: store.database,
    logger: testLogger,
    prices: {
      version: 'test',
      price: ({ usage }) => usage.inputTokens + usage.outputTokens,
      worstRates: () => [{ aboveTokens: 0, inputMicroUsd: 1_000_000, outputMicroUsd: 1_000_000 }],
    },
    app: testApp({ prompt: () => 'Be kind.', answerSchema: () => schema }),
    outside: NO_OUTSIDE,
    readers: NO_READERS,
    traffic: inSequence([]),
    adapterFor: () => ({
      async generate(request) {
        asked.push(request)
        return answers[asked.length - 1] ?? assert.fail('asked too often')
      },
    }),
    admits: () => assert.fail('nothing is decided'),
  })
  const call = async (step: number, seq: number) => {
    const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') })
    const input = { run, step, hop: 0, seq, agent: 'support' }
    const decision: HopOutcome = await environment.run(callModel, input, acceptedAs(run, plan))
    return 'stop' in decision ? decision : assert.fail('withheld')
  }
  return { run, asked, call }
}

const transcriptOf = async ({ tenant, runId }: RunIdentity) =>
  (await loadTranscript(store.database, tenant, runId)).map(({ seq, message }) => [
    seq,
    message.role,
    message.role === 'user' ? message.about : undefined,
  ])

test('an answer that does not fit is stored with the message about it, which the next request has', async (t) => {
  const info = t.mock.method(testLogger, 'info', () => undefined)
  const { run, asked, call } = await modelThat(
    planWith(schema.jsonSchema),
    answer('{"cents":"five"}'),
    answer('{"cents":5}'),
  )
  const wrong = await call(1, 1)
  assert.deepEqual(wrong.fault, { problem: 'output_invalid', misfits: 1 })
  const [about, words] = info.mock.calls.at(-1)?.arguments ?? []
  assert.deepEqual(
    [(about as unknown as JsonObject)['at'], (about as unknown as JsonObject)['problem'], words],
    [['/cents'], 'output_invalid', 'an answer cannot be used as it is'],
  )
  // Another attempt of the same call asks nobody.
  assert.deepEqual((await call(1, 1)).fault, wrong.fault)
  assert.equal(asked.length, 1)
  const fits = await call(2, 3)
  assert.equal(fits.fault, undefined)
  assert.deepEqual(await transcriptOf(run), [
    [0, 'user', undefined],
    [1, 'assistant', undefined],
    [2, 'user', 'output_invalid'],
    [3, 'assistant', undefined],
  ])
  assert.deepEqual(
    asked.map(({ output, messages }) => [output, messages.length]),
    [
      [{ name: 'support', schema: schema.jsonSchema }, 1],
      [{ name: 'support', schema: schema.jsonSchema }, 3],
    ],
  )
  await assertBooks(store.database)
})

test('the rest of an answer is asked for without the schema, and what was counted for it is not relied on', async () => {
  const { asked, call, run } = await modelThat(
    planWith(schema.jsonSchema),
    answer('{"cen', 'max_output_tokens'),
    answer('ts":"5"}'),
    answer('{"cents":5}'),
  )
  assert.deepEqual((await call(1, 1)).fault, { problem: 'cut_off' })
  assert.equal((await call(2, 3)).fault?.problem, 'output_invalid')
  assert.equal((await call(3, 5)).fault, undefined)
  assert.deepEqual(
    asked.map(({ output }) => output !== undefined),
    [true, false, true],
  )
  assert.ok(
    asked[1]?.messages.some((message) => message.role === 'user' && message.text === ANSWER_NOTES.cutOff),
  )
  const worst = await store.database.query<{ tokens: number }>({
    text: 'select worst_tokens - cap_tokens as tokens from model_attempts where run_id = $1 order by attempt',
    values: [run.runId],
  })
  // The provider has counted 50 tokens for a request without the schema; the one after it has the schema again.
  const [first, , third] = worst.map(({ tokens }) => tokens)
  assert.ok(
    Number(third) >= Number(first),
    `${third} tokens were set aside, and ${first} for the first request`,
  )
})

test('the schema counts as input, twice: some servers get it as a parameter and in the instructions', async () => {
  const wide = answerSchemaOf(
    z.strictObject({ cents: z.int().describe('An amount. '.repeat(100)) }),
  ).jsonSchema
  const reserved = async (plan: RunPlan) => {
    const { call, run } = await modelThat(plan, answer('{"cents":5}'))
    await call(1, 1)
    const [row] = await store.database.query<{ tokens: number }>({
      text: 'select worst_tokens - cap_tokens as tokens from model_attempts where run_id = $1',
      values: [run.runId],
    })
    return Number(row?.tokens)
  }
  const bytes = Buffer.byteLength(JSON.stringify(wide))
  assert.ok((await reserved(planWith(wide))) - (await reserved(samplePlan)) >= 2 * bytes)
})

test('a worker that can’t check a plan’s schema leaves the call to one that can, and asks nobody', async (t) => {
  t.mock.method(testLogger, 'warn', () => undefined)
  const { asked, call } = await modelThat(planWith({ type: 'no such type' }))
  await assert.rejects(
    call(1, 1),
    (error) => error instanceof ApplicationFailure && error.type === 'agent_unknown',
  )
  assert.equal(asked.length, 0)
})

test('a plan that says nothing of it gets no such message', async () => {
  const { call, run } = await modelThat(samplePlan, answer('As I', 'max_output_tokens'))
  assert.equal((await call(1, 1)).fault, undefined)
  assert.equal((await transcriptOf(run)).length, 2)
})
