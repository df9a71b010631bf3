import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../src/activities/events/run-readers.ts'
import { createCallModel } from '../../../src/activities/models/call-model.ts'
import { createModelAdapters } from '../../../src/activities/models/create-model-adapters.ts'
import type { KnownModelCall } from '../../../src/activities/models/find-planned-call.ts'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import type { AcceptedRun } from '../../../src/activities/runs/accepted-runs.ts'
import type { TrafficGate } from '../../../src/activities/traffic/traffic.ts'
import type { ModelDecision } from '../../../src/contracts/models/model-call.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { TRIES } from '../../../src/policies/activities.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/models/price-overrides.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { listEvents } from '../../../src/store/record/events.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import type { Script } from '../../../src/testing/script.ts'
import { startScriptedProvider } from '../../../src/testing/start-scripted-provider.ts'
import { assertBooks } from '../../store/support/books.ts'
import { startRun } from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../support/test-app.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { acceptedAs } from '../support/accepted.ts'
import { providersAt } from './support/ask.ts'

const MODEL = {
  provider: 'openai',
  wire: 'openai-responses',
  model: 'gpt-5.5',
  maxOutputTokens: 1_000,
  background: true,
} as const

const prices = createPriceBook(PRICE_OVERRIDES)

interface Calls {
  readonly run: RunIdentity
  readonly provider: Awaited<ReturnType<typeof startScriptedProvider>>
  /** How many calls have passed the gate. */
  readonly entered: () => number
  /** Begins an attempt. `lose` ends it as a worker's shutdown does, which leaves everything as it is. */
  attempt(number: number, heartbeatDetails?: unknown): Attempt
}

interface Attempt {
  readonly result: Promise<ModelDecision>
  readonly environment: MockActivityEnvironment
  readonly shown: unknown[]
  lose(): Promise<void>
}

async function start(t: TestContext, database: Database, script: Script): Promise<Calls> {
  const provider = await startScriptedProvider({ script })
  t.after(() => provider.close())
  const run = await startRun(database)
  let entered = 0
  const gate: TrafficGate = {
    async enter() {
      entered += 1
      return { leave: async () => undefined }
    },
  }
  const callModel = createCallModel({
    telemetry: NO_TELEMETRY,
    database,
    logger: testLogger,
    prices,
    app: testApp({ tool: testTool, prompt: () => 'Be kind.' }),
    outside: NO_OUTSIDE,
    readers: NO_READERS,
    traffic: gate,
    adapterFor: createModelAdapters(providersAt(provider.url)),
    admits: () => assert.fail('nothing is decided'),
  })
  async function call(input: KnownModelCall, accepted: AcceptedRun): Promise<ModelDecision> {
    const outcome = await callModel(input, accepted)
    assert.ok('stop' in outcome, 'the budget covers it')
    return outcome
  }
  const input: KnownModelCall = {
    run,
    step: 1,
    hop: 0,
    seq: 1,
    agent: 'support',
    prompt: { name: 'support', version: 'v1' },
    model: MODEL,
    tools: ['get_order'],
    budget: { limits: { maxModelCalls: 3 }, floorOutputTokens: 50, onUnknownPrice: 'deny' },
  }
  return {
    run,
    provider,
    entered: () => entered,
    attempt(number, heartbeatDetails) {
      const info = { attempt: number, ...(heartbeatDetails !== undefined && { heartbeatDetails }) }
      const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR') })
      const shown: unknown[] = []
      environment.on('heartbeat', (details: unknown) => shown.push(details))
      const result = environment.run(call, input, acceptedAs(run)) as Promise<ModelDecision>
      return {
        result,
        environment,
        shown,
        async lose() {
          environment.cancel('WORKER_SHUTDOWN')
          await assert.rejects(result, CancelledFailure)
        },
      }
    },
  }
}

interface AttemptRow {
  readonly attempt: number
  readonly status: string
  readonly code: string | null
  readonly responseId: string | null
  readonly reattached: number
  readonly cost: number | null
}

function attemptsOf(database: Database, run: RunIdentity): Promise<(AttemptRow & object)[]> {
  return database.query({
    text: `select attempt, status, code, response_id as "responseId", reattached, cost_micro_usd as cost
      from model_attempts where run_id = $1 order by attempt`,
    values: [run.runId],
  })
}

/** Waits until the store has the answer's id. */
async function noted(database: Database, run: RunIdentity): Promise<string> {
  for (;;) {
    const [row] = await attemptsOf(database, run)
    if (row?.responseId) return row.responseId
    await new Promise((resolve) => setImmediate(resolve))
  }
}

forEachDatabase((_, open) => {
  test('an answer in the background is read by the next attempt: asked once, booked once, and settled with its cost', async (t) => {
    const database = await open()
    const { run, provider, entered, attempt } = await start(t, database, () => ({
      text: 'It is on its way.',
      chunkDelayMs: 300,
    }))
    const first = attempt(1)
    const id = await noted(database, run)
    await first.lose()
    assert.deepEqual(first.shown.at(-1), { provider: 'openai', response: id })

    const { preview, spent, costMicroUsd } = await attempt(2).result
    assert.equal(preview, 'It is on its way.')
    assert.equal(provider.requests.length, 1)
    assert.equal(entered(), 1)
    const usage = provider.requests[0]?.charged ?? assert.fail('not charged')
    const cost = prices.price({ provider: 'openai', model: 'gpt-5.5', usage })
    assert.equal(costMicroUsd, cost)
    assert.equal(spent?.modelCalls, 1)
    assert.deepEqual(await attemptsOf(database, run), [
      { attempt: 1, status: 'ok', code: null, responseId: id, reattached: 1, cost },
    ])
    await assertBooks(database)
    const { tenant, runId } = run
    const events = await listEvents(database, { tenant, runId, after: 0, limit: 100 })
    assert.deepEqual(
      events.slice(-2).map(({ type, data }) => [type, data['step'], data['hop'], data['model']]),
      [
        ['model.reattached', 1, 0, 'gpt-5.5'],
        ['model.completed', 1, 0, 'gpt-5.5'],
      ],
    )
  })

  test('an answer in the background that counts as unknown by then is corrected by its real cost', async (t) => {
    const database = await open()
    const { run, attempt } = await start(t, database, () => ({ text: 'Late.', chunkDelayMs: 300 }))
    const first = attempt(1)
    await noted(database, run)
    await first.lose()
    await database.query({
      text: `with lost as (
          update model_attempts set status = 'unknown', unknown_micro_usd = worst_micro_usd, unknown_tokens = worst_tokens
          where run_id = $1 returning worst_micro_usd as cost, worst_tokens as tokens
        )
        update runs set held_micro_usd = 0, held_tokens = 0, unknown_micro_usd = lost.cost, unknown_tokens = lost.tokens
        from lost where id = $1`,
      values: [run.runId],
    })
    await assertBooks(database)
    const { spent, costMicroUsd } = await attempt(2).result
    assert.deepEqual([spent?.unknownMicroUsd, spent?.costMicroUsd], [0, costMicroUsd])
    await assertBooks(database)
  })

  test('an answer in the background that the provider does not have any more is asked for again, once, and booked anew', async (t) => {
    const database = await open()
    const { run, provider, attempt } = await start(t, database, () => ({ text: 'Well.', chunkDelayMs: 300 }))
    const first = attempt(1)
    await noted(database, run)
    await first.lose()
    await database.query({
      text: `update model_attempts set response_id = 'resp_gone' where run_id = $1`,
      values: [run.runId],
    })
    const second = attempt(2)
    await second.result
    assert.equal(provider.requests.length, 2)
    const rows = await attemptsOf(database, run)
    assert.deepEqual(
      rows.map(({ status, code }) => [status, code]),
      [
        ['unknown', null],
        ['ok', null],
      ],
    )
    assert.equal(rows[0]?.responseId, null)
    await assertBooks(database)
    const { tenant, runId } = run
    const events = await listEvents(database, { tenant, runId, after: 0, limit: 100 })
    const told = events.map(({ type }) => type).filter((type) => type.startsWith('model.'))
    assert.deepEqual(told, ['model.completed'], 'nothing was read on')
  })

  test('an answer in the background is never found by what heartbeats say: they can be forged', async (t) => {
    const database = await open()
    const secret = await start(t, database, () => ({ text: 'The secret of another run.', chunkDelayMs: 300 }))
    const theirs = secret.attempt(1)
    const id = await noted(database, secret.run)
    await theirs.lose()

    const { run, provider, attempt } = await start(t, database, () => ({ text: 'Mine.' }))
    const forged = attempt(2, { provider: 'openai', response: id })
    assert.equal((await forged.result).preview, 'Mine.')
    assert.equal(provider.requests.length, 1)
    assert.equal((await attemptsOf(database, run)).length, 1)
    await secret.attempt(2).result
  })

  test('an answer in the background is stopped at the provider when the run is cancelled', async (t) => {
    const database = await open()
    const { run, provider, attempt } = await start(t, database, () => ({
      text: 'A long story, of which nobody wants to hear.',
      chunkDelayMs: 60_000,
    }))
    const first = attempt(1)
    const id = await noted(database, run)
    first.environment.cancel('CANCELLED')
    await assert.rejects(first.result, CancelledFailure)
    const response = await fetch(`${provider.url}/v1/responses/${id}`)
    assert.equal(((await response.json()) as { status: string }).status, 'cancelled')
    // The provider does not say what it has used, so its worst case goes on counting.
    assert.deepEqual((await attemptsOf(database, run))[0]?.status, 'open')
    await assertBooks(database)
  })

  test('an answer in the background that has ended when the run is cancelled is settled with what it has used', async (t) => {
    const database = await open()
    const { run, provider, attempt } = await start(t, database, () => ({ text: 'Done.' }))
    const first = attempt(1)
    const id = await noted(database, run)
    await first.result
    // As if the worker had died before it stored the answer.
    await database.query({ text: 'delete from model_calls where run_id = $1', values: [run.runId] })
    await database.query({
      text: `with reopened as (
          update model_attempts set status = 'open', cost_micro_usd = null, input_tokens = 0, output_tokens = 0
          where run_id = $1 returning worst_micro_usd as cost, worst_tokens as tokens
        )
        update runs set held_micro_usd = cost, held_tokens = tokens, settled_micro_usd = 0, cost_micro_usd = 0,
          input_tokens = 0, output_tokens = 0, model_calls = 0, steps = 0, hop = 0
        from reopened where id = $1`,
      values: [run.runId],
    })
    await assertBooks(database)
    const second = attempt(2)
    second.environment.cancel('CANCELLED')
    await assert.rejects(second.result, CancelledFailure)
    const usage = provider.requests[0]?.charged ?? assert.fail('not charged')
    const cost = prices.price({ provider: 'openai', model: 'gpt-5.5', usage })
    assert.deepEqual(await attemptsOf(database, run), [
      { attempt: 1, status: 'failed', code: 'model_call_stopped', responseId: id, reattached: 1, cost },
    ])
    await assertBooks(database)
  })

  test('an answer in the background that loses every worker which reads it is given up after the table’s number of them', async (t) => {
    const database = await open()
    const { run, provider, attempt } = await start(t, database, () => ({
      text: 'A long story.',
      chunkDelayMs: 60_000,
    }))
    const first = attempt(1)
    await noted(database, run)
    await first.lose()
    for (let number = 2; number <= TRIES.model.mostLost; number += 1) {
      const next = attempt(number)
      for (;;) {
        const [row] = await attemptsOf(database, run)
        if (row?.reattached === number - 1) break
        await new Promise((resolve) => setImmediate(resolve))
      }
      await next.lose()
    }
    await assert.rejects(
      attempt(TRIES.model.mostLost + 1).result,
      (error) =>
        error instanceof ApplicationFailure && error.nonRetryable && error.type === 'model_timed_out',
    )
    assert.equal(provider.requests.length, 1)
    await assertBooks(database)
  })
})
