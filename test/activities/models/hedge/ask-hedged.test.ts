import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../../src/activities/events/run-readers.ts'
import { createCallModel } from '../../../../src/activities/models/call-model.ts'
import { ModelFailure } from '../../../../src/activities/models/failures/model-failure.ts'
import type { ModelAdapter, ModelAnswer } from '../../../../src/activities/models/wires/model-adapter.ts'
import { inSequence } from '../../../../src/activities/traffic/in-sequence.ts'
import { CallRefused, type TrafficGate } from '../../../../src/activities/traffic/traffic.ts'
import type { CallModelInput, HopOutcome } from '../../../../src/contracts/models/model-call.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../../src/contracts/runs/run.ts'
import { listEvents } from '../../../../src/store/record/events.ts'
import { findRun } from '../../../../src/store/runs/runs.ts'
import { NO_TELEMETRY } from '../../../../src/telemetry/telemetry.ts'
import { assertBooks } from '../../../store/support/books.ts'
import { assistantMessage, samplePlan, startRun } from '../../../store/support/samples.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../../support/test-app.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { testLogger } from '../../../support/test-runtime.ts'
import { acceptedAs } from '../../support/accepted.ts'
import { TOKEN_PRICES } from '../support/token-prices.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

const USAGE = {
  inputTokens: 100,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 20,
  reasoningTokens: 0,
}

const model = (name: string, hedge?: { afterMs: number }) => ({
  provider: 'openai',
  wire: 'openai-responses' as const,
  model: name,
  maxOutputTokens: 1_000,
  ...(hedge && { hedge }),
})
const PLAN: RunPlan = { ...samplePlan, chain: [model('slow', { afterMs: 1 }), model('fast')] }

type Behaviour = ModelAdapter['generate']

/** Sends a byte and answers. */
const answers: Behaviour = async ({ model: { model: servedBy } }, { onProgress }): Promise<ModelAnswer> => {
  onProgress('It')
  onProgress(` is ${servedBy}.`)
  return {
    message: assistantMessage(`It is ${servedBy}.`),
    stop: 'end',
    usage: USAGE,
    servedBy,
    requestId: `req_${servedBy}`,
  }
}

/** Sends nothing until it is stopped. */
const silent: Behaviour = (_, { signal }) =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason))
  })

const fails =
  (error: Error): Behaviour =>
  async () => {
    throw error
  }

interface Options {
  readonly gate?: TrafficGate
  readonly attempt?: number
}

/** The activity over models that behave so, by their names. */
function models(behaviours: Readonly<Record<string, Behaviour>>, { gate = inSequence([]) }: Options = {}) {
  const asked: string[] = []
  const callModel = createCallModel({
    telemetry: NO_TELEMETRY,
    database: store.database,
    logger: testLogger,
    prices: TOKEN_PRICES,
    app: testApp({ tool: testTool, prompt: () => 'Be kind.' }),
    outside: NO_OUTSIDE,
    readers: NO_READERS,
    traffic: gate,
    adapterFor: ({ model: name }) => ({
      generate(request, options) {
        asked.push(name)
        return (behaviours[name] ?? assert.fail(`${name} is asked`))(request, options)
      },
    }),
    admits: () => assert.fail('nothing is decided'),
  })
  const call = (
    run: RunIdentity,
    changes: Partial<CallModelInput> = {},
    environment = newEnvironment(),
  ): Promise<HopOutcome> =>
    environment.run((input: CallModelInput) => callModel(input, acceptedAs(input.run, PLAN)), {
      run,
      step: 1,
      hop: 0,
      seq: 1,
      agent: 'support',
      ...changes,
    })
  return { asked, call }
}

const newEnvironment = (attempt = 1) =>
  new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') })

const attemptsOf = ({ runId }: RunIdentity) =>
  store.database.query({
    text: 'select hop, status, code from model_attempts where run_id = $1 order by attempt',
    values: [runId],
  })

const eventsOf = async ({ tenant, runId }: RunIdentity) =>
  (await listEvents(store.database, { tenant, runId, after: 0, limit: 100 }))
    .filter(({ type }) => type.startsWith('model.'))
    .map(({ type, data }) => [type, data['hop'], data['hedge'] ?? data['code']])

test('a silent model is overtaken by the next of its chain: both are booked, one is stopped, and the record has the right one', async () => {
  const run = await startRun(store.database, { plan: PLAN })
  const { asked, call } = models({ slow: silent, fast: answers })
  const decision = await call(run)
  assert.ok('stop' in decision)
  assert.deepEqual([decision.servedBy, decision.hop], ['fast', 1])
  assert.deepEqual(asked, ['slow', 'fast'])
  assert.deepEqual(await attemptsOf(run), [
    { hop: 0, status: 'unknown', code: 'model_call_stopped' },
    { hop: 1, status: 'ok', code: null },
  ])
  assert.deepEqual(await eventsOf(run), [
    ['model.completed', 1, { hop: 0, model: 'slow', outcome: 'stopped' }],
  ])
  const [answer] = await store.database.query<{ madeBy: unknown }>({
    text: `select message -> 'madeBy' as "madeBy" from messages where run_id = $1 and seq = 1`,
    values: [run.runId],
  })
  assert.deepEqual(answer?.madeBy, { provider: 'openai', model: 'fast' })
  await assertBooks(store.database)
  // The stopped one is counted with its worst case: it may have answered before it was told.
  const spent = (await findRun(store.database, run.tenant, run.runId))?.budget.spent
  const [stopped] = await store.database.query<{ worst: number }>({
    text: 'select worst_micro_usd as worst from model_attempts where run_id = $1 and hop = 0',
    values: [run.runId],
  })
  assert.ok(stopped && stopped.worst > 1_000)
  assert.equal(spent?.unknownMicroUsd, stopped.worst)
  // Another attempt is given what is stored, and asks nobody.
  assert.deepEqual(await call(run, {}, newEnvironment(2)), decision)
  assert.equal(asked.length, 2)
})

test('a model that sends its first byte while the next is asked keeps the call', async () => {
  const run = await startRun(store.database, { plan: PLAN })
  const isAsked = Promise.withResolvers<void>()
  const { call } = models({
    slow: async (request, options) => {
      await isAsked.promise
      return answers(request, options)
    },
    fast: (request, options) => {
      isAsked.resolve()
      return silent(request, options)
    },
  })
  const decision = await call(run)
  assert.ok('stop' in decision && decision.servedBy === 'slow' && !('hop' in decision))
  assert.deepEqual(await attemptsOf(run), [
    { hop: 0, status: 'ok', code: null },
    { hop: 1, status: 'unknown', code: 'model_call_stopped' },
  ])
  assert.deepEqual(await eventsOf(run), [
    ['model.completed', 0, { hop: 1, model: 'fast', outcome: 'stopped' }],
  ])
  await assertBooks(store.database)
})

test('a model that fails while the next is asked is on the record as failed, and the next one’s answer counts', async () => {
  const run = await startRun(store.database, { plan: PLAN })
  const isAsked = Promise.withResolvers<void>()
  const { call } = models({
    slow: async () => {
      await isAsked.promise
      throw new ModelFailure('model_overloaded', { billed: 'no' })
    },
    async fast(request, options) {
      isAsked.resolve()
      await new Promise(setImmediate)
      return answers(request, options)
    },
  })
  const decision = await call(run)
  assert.ok('stop' in decision && decision.hop === 1)
  const events = await eventsOf(run)
  assert.deepEqual(events, [
    ['model.failed', 0, 'model_overloaded'],
    ['model.completed', 1, { hop: 0, model: 'slow', outcome: 'failed' }],
  ])
  await assertBooks(store.database)
})

test('where both fail, the call fails as its own model did, and both attempts are settled', async () => {
  const run = await startRun(store.database, { plan: PLAN })
  const isAsked = Promise.withResolvers<void>()
  const { call } = models({
    slow: async () => {
      await isAsked.promise
      await new Promise((resolve) => setTimeout(resolve, 20))
      throw new ModelFailure('model_unreachable', { billed: 'no' })
    },
    fast: (request, options) => {
      isAsked.resolve()
      return fails(new ModelFailure('model_unauthorized', { billed: 'no' }))(request, options)
    },
  })
  await assert.rejects(
    call(run),
    (error) =>
      error instanceof ApplicationFailure && error.type === 'model_unreachable' && !error.nonRetryable,
  )
  assert.deepEqual(await attemptsOf(run), [
    { hop: 0, status: 'failed', code: 'model_unreachable' },
    { hop: 1, status: 'failed', code: 'model_unauthorized' },
  ])
  await assertBooks(store.database)
})

test('a second model that begins and then fails does not fail its own model, which is tried again', async () => {
  const run = await startRun(store.database, { plan: PLAN })
  const { call } = models({
    slow: silent,
    async fast(_, { onProgress }) {
      onProgress('It')
      throw new ModelFailure('model_content_filtered')
    },
  })
  await assert.rejects(
    call(run),
    (error) => error instanceof ApplicationFailure && error.type === 'model_timed_out' && !error.nonRetryable,
  )
  assert.deepEqual(await attemptsOf(run), [
    { hop: 0, status: 'unknown', code: 'model_call_stopped' },
    { hop: 1, status: 'unknown', code: 'model_content_filtered' },
  ])
})

test('nobody is asked as well where the budget, or a gate of the traffic, does not let the second call through', async () => {
  const poor = await startRun(store.database, { plan: PLAN })
  const waits: Behaviour = async (request, options) => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    return answers(request, options)
  }
  const alone = models({ slow: waits })
  const budget = {
    limits: { maxModelCalls: 1 },
    floorOutputTokens: 50,
    onUnknownPrice: 'deny' as const,
  }
  const decision = await alone.call(poor, { budget })
  assert.ok('stop' in decision && decision.servedBy === 'slow')
  assert.deepEqual(await attemptsOf(poor), [{ hop: 0, status: 'ok', code: null }])

  const left: string[] = []
  const gate: TrafficGate = {
    async enter({ model: name }) {
      if (name === 'fast') throw new CallRefused('model_rate_limited', null)
      return {
        leave: async ({ kind }) => {
          left.push(kind)
        },
      }
    },
  }
  const held = await startRun(store.database, { plan: PLAN })
  const { asked, call } = models({ slow: waits }, { gate })
  await call(held)
  assert.deepEqual([asked, left], [['slow'], ['answered']])
})

test('both calls pass the gates and leave them, and a run that waits for models asks them one by one', async () => {
  const left: string[] = []
  const gate: TrafficGate = {
    enter: async ({ model: name }) => ({
      leave: async ({ kind }) => {
        left.push(`${name} ${kind}`)
      },
    }),
  }
  const run = await startRun(store.database, { plan: PLAN })
  await models({ slow: silent, fast: answers }, { gate }).call(run)
  assert.deepEqual(left.sort(), ['fast answered', 'slow stopped'])

  const waiting = await startRun(store.database, { plan: PLAN })
  const { asked, call } = models({ slow: answers })
  await call(waiting, { probe: true })
  assert.deepEqual(asked, ['slow'])
})

test('a run that stops the call stops both', async () => {
  const run = await startRun(store.database, { plan: PLAN })
  const environment = newEnvironment()
  const { call } = models({
    slow: silent,
    fast: (request, options) => {
      setImmediate(() => environment.cancel('CANCELLED'))
      return silent(request, options)
    },
  })
  await assert.rejects(call(run, {}, environment), CancelledFailure)
  assert.deepEqual(await attemptsOf(run), [
    { hop: 0, status: 'unknown', code: 'model_call_stopped' },
    { hop: 1, status: 'unknown', code: 'model_call_stopped' },
  ])
  await assertBooks(store.database)
})

test('what a dead worker has left of two calls is settled when the call is made again', async () => {
  const run = await startRun(store.database, { plan: PLAN })
  await store.database.query({
    text: `insert into model_attempts (run_id, step, hop, attempt, tenant, agent, principal, provider, model, day, worst_micro_usd,
        worst_tokens, cap_tokens, activity)
      select id, 1, tried.n, tried.n + 1, tenant, agent, principal, 'openai', 'dead', current_date, 500, 500, 100, 'dead'
      from runs, generate_series(0, 1) as tried (n) where id = $1`,
    values: [run.runId],
  })
  await store.database.query({
    text: 'update runs set attempts = 2, held_micro_usd = 1000, held_tokens = 1000 where id = $1',
    values: [run.runId],
  })
  const { call } = models({ slow: answers })
  await call(run, {}, newEnvironment(2))
  assert.deepEqual(await attemptsOf(run), [
    { hop: 0, status: 'unknown', code: null },
    { hop: 1, status: 'unknown', code: null },
    { hop: 0, status: 'ok', code: null },
  ])
  await assertBooks(store.database)
})

test('text of the model that has lost never reaches a reader', async () => {
  const run = await startRun(store.database, { plan: PLAN })
  const published: unknown[][] = []
  const stop = await store.database.listen('holdfast_delta', (payload) => {
    const delta = JSON.parse(payload) as unknown[]
    if (delta[0] === run.runId) published.push(delta)
  })
  const { call } = models({
    slow: (_, { signal, onProgress }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          // What was in the socket when it was closed.
          onProgress('I am slow.')
          reject(signal.reason)
        })
      }),
    fast: answers,
  })
  await call(run)
  await store.database.query({ text: `select pg_notify('holdfast_delta', '["end"]')` })
  await stop()
  const text = published.map((delta) => [delta[3], delta.at(-1)])
  assert.ok(
    text.every(([hop]) => hop === 1),
    JSON.stringify(published),
  )
})

test('a first byte does not wait for a second model that waits for its turn: it leaves the queue, and is not booked', async () => {
  const run = await startRun(store.database, { plan: PLAN })
  const queued = Promise.withResolvers<void>()
  const gate: TrafficGate = {
    async enter({ model: name, signal }) {
      if (name !== 'fast') return { leave: async () => undefined }
      queued.resolve()
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
      return assert.fail('the queue has no end')
    },
  }
  const afterTheOther: Behaviour = async (request, options) => {
    await queued.promise
    return answers(request, options)
  }
  const { asked, call } = models({ slow: afterTheOther }, { gate })
  const decision = await call(run)
  assert.ok('stop' in decision)
  assert.equal(decision.servedBy, 'slow')
  assert.deepEqual(asked, ['slow'])
  assert.deepEqual(await attemptsOf(run), [{ hop: 0, status: 'ok', code: null }])
})
