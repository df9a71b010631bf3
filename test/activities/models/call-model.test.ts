import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../src/activities/events/run-readers.ts'
import { createCallModel } from '../../../src/activities/models/call-model.ts'
import { ModelFailure } from '../../../src/activities/models/failures/model-failure.ts'
import type { KnownModelCall } from '../../../src/activities/models/find-planned-call.ts'
import type { PriceBook } from '../../../src/activities/models/prices/price-book.ts'
import type { ModelAnswer, ModelRequest } from '../../../src/activities/models/wires/model-adapter.ts'
import { inSequence } from '../../../src/activities/traffic/in-sequence.ts'
import type { HopBudget } from '../../../src/contracts/budgets/budget.ts'
import type { CallModelInput, HopOutcome } from '../../../src/contracts/models/model-call.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { WRAP_UP } from '../../../src/policies/budgets.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { assertBooks } from '../../store/support/books.ts'
import { transcriptOf } from '../../store/support/histories.ts'
import { assistantMessage, startRun } from '../../store/support/samples.ts'
import { changedDatabase } from '../../support/changed-database.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { acceptedAs } from '../support/accepted.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

/** A micro-USD for each token, whatever model; `nameless` has no price. */
const prices: PriceBook = {
  version: 'test',
  price: ({ model, usage }) => (model === 'nameless' ? null : usage.inputTokens + usage.outputTokens),
  worstRates: (_, model) =>
    model === 'nameless' ? null : [{ aboveTokens: 0, inputMicroUsd: 1_000_000, outputMicroUsd: 1_000_000 }],
}

const USAGE = {
  inputTokens: 100,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 20,
  reasoningTokens: 0,
}

function answerOf(changes: Partial<ModelAnswer> = {}): ModelAnswer {
  return {
    message: assistantMessage('It is on its way.'),
    stop: 'end',
    usage: USAGE,
    servedBy: 'gpt-test-2026',
    requestId: 'req_1',
    ...changes,
  }
}

/** A model that gives these answers in turn, and what it was asked. */
function modelThat(...answers: (ModelAnswer | Error)[]) {
  return modelOver(store.database, ...answers)
}

function modelOver(database: Database, ...answers: (ModelAnswer | Error)[]) {
  const asked: ModelRequest[] = []
  const callModel = createCallModel({
    telemetry: NO_TELEMETRY,
    database,
    logger: testLogger,
    prices,
    app: testApp({ tool: testTool, prompt: () => 'Be kind.' }),
    outside: NO_OUTSIDE,
    traffic: inSequence([]),
    readers: NO_READERS,
    adapterFor: () => ({
      async generate(request) {
        asked.push(request)
        const answer = answers.shift() ?? assert.fail('asked too often')
        if (answer instanceof Error) throw answer
        return answer
      },
    }),
    admits: () => assert.fail('nothing is decided'),
  })
  const call = (input: CallModelInput, environment = newEnvironment()): Promise<HopOutcome> =>
    environment.run(callModel, input, acceptedAs(input.run))
  return { asked, call }
}

const newEnvironment = () => new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') })

/** Of a run whose history has all that its plan says of the call. */
function inputOf(run: RunIdentity, changes: Partial<KnownModelCall> = {}): KnownModelCall {
  return {
    run,
    step: 1,
    hop: 0,
    seq: 1,
    agent: 'support',
    prompt: { name: 'support', version: 'v1' },
    model: { provider: 'openai', wire: 'openai-responses', model: 'gpt-test', maxOutputTokens: 1_000 },
    tools: ['get_order'],
    ...changes,
  }
}

function budgetOf(limits: HopBudget['limits']): HopBudget {
  return { limits, floorOutputTokens: 50, onUnknownPrice: 'deny' }
}

const isFailure = (type: string, nonRetryable: boolean) => (error: unknown) =>
  error instanceof ApplicationFailure && error.type === type && error.nonRetryable === nonRetryable

const spentOf = async (run: RunIdentity) =>
  (await findRun(store.database, run.tenant, run.runId))?.budget.spent

test('the model may say as much as the budget has left, and the decision says what is spent', async () => {
  const run = await startRun(store.database)
  const { asked, call } = modelThat(answerOf({ stop: 'max_output_tokens' }), answerOf())
  const decision = await call(inputOf(run, { budget: budgetOf({ maxTokens: 900 }) }))
  const cap = asked[0]?.model.maxOutputTokens ?? 0
  assert.ok(cap >= 50 && cap < 1_000)
  assert.ok('stop' in decision && decision.stop === 'max_output_tokens')
  assert.deepEqual(decision.spent, { costMicroUsd: 120, unknownMicroUsd: 0, tokens: 120, modelCalls: 1 })
  // Where there is no budget, history is spared it.
  const free = await startRun(store.database)
  const plain = await call(inputOf(free))
  assert.equal(asked[1]?.model.maxOutputTokens, 1_000)
  assert.ok('stop' in plain && !('spent' in plain))
})

test('an attempt after the answer is given what is stored, with the totals of now', async () => {
  const run = await startRun(store.database)
  const { asked, call } = modelThat(answerOf())
  const input = inputOf(run, { budget: budgetOf({ maxTokens: 10_000 }) })
  assert.deepEqual(await call(input), await call(input))
  assert.equal(asked.length, 1)
})

test('nobody is asked for what the budget does not cover', async () => {
  const run = await startRun(store.database)
  const { asked, call } = modelThat()
  assert.deepEqual(await call(inputOf(run, { budget: budgetOf({ maxCostMicroUsd: 600 }) })), {
    withheld: { scope: 'run', limit: 'cost', allowed: 600, used: 0 },
  })
  assert.equal(asked.length, 0)
  assert.deepEqual(await spentOf(run), { costMicroUsd: 0, unknownMicroUsd: 0, tokens: 0, modelCalls: 0 })
})

test('where a try has failed and the budget does not cover the next, the refusal says what was paid for', async () => {
  const run = await startRun(store.database)
  const { asked, call } = modelThat(new ModelFailure('model_answer_malformed', { usage: USAGE }))
  const input = inputOf(run, { budget: budgetOf({ maxModelCalls: 1 }) })
  await assert.rejects(call(input), isFailure('model_answer_malformed', false))
  const second = new MockActivityEnvironment({ attempt: 2 }, { logger: new DefaultLogger('ERROR') })
  assert.deepEqual(await call(input, second), {
    withheld: {
      scope: 'run',
      limit: 'model_calls',
      allowed: 1,
      used: 1,
      lastFailure: 'model_answer_malformed',
    },
  })
  assert.equal(asked.length, 1)
  assert.equal((await spentOf(run))?.costMicroUsd, 120)
})

test('a model without a price is left out for good where its cost is limited', async () => {
  const run = await startRun(store.database)
  const { call } = modelThat(answerOf({ servedBy: 'nameless' }))
  const model = { ...inputOf(run).model, model: 'nameless' }
  await assert.rejects(
    call(inputOf(run, { model, budget: budgetOf({ maxCostMicroUsd: 1_000_000 }) })),
    isFailure('model_price_unknown', true),
  )
  const decision = await call(inputOf(run, { model, budget: budgetOf({ maxTokens: 1_000_000 }) }))
  assert.ok('stop' in decision && decision.costMicroUsd === null && decision.spent?.costMicroUsd === null)
})

test('in its last call the model is told so and has no tools', async () => {
  const run = await startRun(store.database)
  const { asked, call } = modelThat(answerOf({ message: assistantMessage('Well.', ['get_order']) }))
  const decision = await call(inputOf(run, { wrapUp: true }))
  assert.equal(asked[0]?.system, `Be kind.\n\n${WRAP_UP}`)
  assert.deepEqual(asked[0]?.tools, [])
  assert.ok('stop' in decision && decision.toolCalls[0]?.problem === 'tool_unknown')
  assert.equal((await transcriptOf(store.database, run)).length, 3)
})

test('a failed attempt costs what the provider counted, nothing where it was turned away, and else its worst case', async () => {
  const run = await startRun(store.database)
  const { call } = modelThat(
    new ModelFailure('model_overloaded', { billed: 'no' }),
    new ModelFailure('model_answer_malformed', { usage: USAGE }),
    new ModelFailure('model_stalled'),
    answerOf(),
  )
  const input = inputOf(run, { budget: budgetOf({ maxTokens: 100_000 }) })
  await assert.rejects(call(input), isFailure('model_overloaded', false))
  assert.deepEqual(await spentOf(run), { costMicroUsd: 0, unknownMicroUsd: 0, tokens: 0, modelCalls: 1 })
  await assert.rejects(call(input), isFailure('model_answer_malformed', false))
  assert.deepEqual(await spentOf(run), { costMicroUsd: 120, unknownMicroUsd: 0, tokens: 120, modelCalls: 2 })
  await assert.rejects(call(input), isFailure('model_stalled', false))
  const { unknownMicroUsd = 0 } = (await spentOf(run)) ?? {}
  assert.ok(unknownMicroUsd > 1_000)
  const decision = await call(input)
  assert.deepEqual('spent' in decision && decision.spent, {
    costMicroUsd: 240 + unknownMicroUsd,
    unknownMicroUsd,
    tokens: 240 + unknownMicroUsd,
    modelCalls: 4,
  })
  const row = await findRun(store.database, run.tenant, run.runId)
  assert.equal(row?.usage.costMicroUsd, 240)
  assert.equal(row?.usage.modelCalls, 1)
  assert.deepEqual(
    await store.database.query({
      text: 'select attempt, status, code from model_attempts where run_id = $1 order by attempt',
      values: [run.runId],
    }),
    [
      { attempt: 1, status: 'failed', code: 'model_overloaded' },
      { attempt: 2, status: 'failed', code: 'model_answer_malformed' },
      { attempt: 3, status: 'unknown', code: 'model_stalled' },
      { attempt: 4, status: 'ok', code: null },
    ],
  )
  await assertBooks(store.database)
})

test('an answer that can’t be understood is bought twice at most, whatever else has failed', async () => {
  const run = await startRun(store.database)
  const malformed = () => new ModelFailure('model_answer_malformed', { usage: USAGE })
  const { call } = modelThat(malformed(), new ModelFailure('model_stalled'), malformed())
  const input = inputOf(run)
  await assert.rejects(call(input), isFailure('model_answer_malformed', false))
  await assert.rejects(call(input), isFailure('model_stalled', false))
  await assert.rejects(call(input), isFailure('model_answer_malformed', true))
  // Another hop has its own.
  const other = modelThat(malformed())
  await assert.rejects(other.call(inputOf(run, { hop: 1 })), isFailure('model_answer_malformed', false))
})

test('a provider that does not keep to the output cap is in the log, with both numbers', async (t) => {
  const run = await startRun(store.database)
  const warn = t.mock.method(testLogger, 'warn', () => undefined)
  const { call } = modelThat(answerOf({ usage: { ...USAGE, outputTokens: 5_000 } }), answerOf())
  await call(inputOf(run))
  await call(inputOf(run, { step: 2, seq: 2 }))
  const told = warn.mock.calls.map(({ arguments: [about] }) => about as unknown as Record<string, unknown>)
  assert.deepEqual(
    told.map(({ outputTokens, maxOutputTokens, runId }) => [outputTokens, maxOutputTokens, runId]),
    [[5_000, 1_000, run.runId]],
  )
})

test('a model is told of wrong calls as often as the table says; more of them are no answer, but are paid for', async () => {
  const run = await startRun(store.database)
  const wrong = () => answerOf({ message: assistantMessage('', ['no_such_tool']), stop: 'tool_calls' })
  const { call } = modelThat(wrong(), wrong(), wrong(), answerOf())
  for (const [step, seq] of [
    [1, 1],
    [2, 3],
  ] as const) {
    const decision = await call(inputOf(run, { step, seq }))
    assert.ok('stop' in decision && decision.toolCalls[0]?.problem === 'tool_unknown')
  }
  const input = inputOf(run, { step: 3, seq: 5 })
  await assert.rejects(call(input), isFailure('model_answer_malformed', false))
  assert.equal((await spentOf(run))?.costMicroUsd, 3 * 120)
  assert.ok('stop' in (await call(input)))
})

test('while the store takes its time, before the model is asked and after, the call goes on saying that it lives', async () => {
  const run = await startRun(store.database)
  const environment = newEnvironment()
  const heard: (string | undefined)[] = []
  const slow = changedDatabase(store.database, (one) => ({
    query: async (statement) => {
      if (statement.name === 'begin_model_call' || statement.name === 'store_model_call_unshared') {
        await new Promise((resolve) => environment.once('heartbeat', resolve))
        heard.push(statement.name)
      }
      return one.query(statement)
    },
  }))
  await modelOver(slow, answerOf()).call(inputOf(run), environment)
  assert.deepEqual(heard, ['begin_model_call', 'store_model_call_unshared'])
})

test('no model is asked for a run that has ended', async () => {
  const run = await startRun(store.database)
  await closeRun(store.database, { run, status: 'cancelled', steps: 0, approvals: [], failedHops: [] })
  await assert.rejects(modelThat().call(inputOf(run)), isFailure('run_ended', true))
})
