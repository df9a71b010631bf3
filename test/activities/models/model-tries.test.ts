import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApplicationFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { pino } from 'pino'
import { NO_READERS } from '../../../src/activities/events/run-readers.ts'
import { createActivities } from '../../../src/activities/index.ts'
import { ModelFailure } from '../../../src/activities/models/failures/model-failure.ts'
import { createPriceBook } from '../../../src/activities/models/prices/price-book.ts'
import type { ModelAnswer } from '../../../src/activities/models/wires/model-adapter.ts'
import { inSequence } from '../../../src/activities/traffic/in-sequence.ts'
import type { CallModelInput, HopOutcome } from '../../../src/contracts/models/model-call.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { TRIES } from '../../../src/policies/activities.ts'
import { PRICE_OVERRIDES } from '../../../src/policies/models/price-overrides.ts'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import { NO_TELEMETRY } from '../../../src/telemetry/telemetry.ts'
import { assertBooks } from '../../store/support/books.ts'
import { assistantMessage, begun } from '../../store/support/samples.ts'
import { type AwayStore, awayStore } from '../../support/away-store.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { NO_OUTSIDE, testApp } from '../../support/test-app.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { testLogger } from '../../support/test-runtime.ts'
import { EXECUTION_ID, startUnplanned } from '../support/accepted.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(async () => {
  await assertBooks(store.database)
  await store.close()
})

const ANSWER: ModelAnswer = {
  message: assistantMessage('It is on its way.'),
  stop: 'end',
  usage: {
    inputTokens: 100,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 20,
    reasoningTokens: 0,
  },
  servedBy: 'gpt-5.5',
  requestId: 'req_1',
}

interface Setting {
  readonly away: AwayStore
  /** Calls of the provider so far. */
  asked(): number
  /** One attempt of the activity, by its number. */
  attempt(n?: number, environment?: MockActivityEnvironment): Promise<HopOutcome>
  readonly run: RunIdentity
}

/** A provider that does this, over a store that may go away. */
async function settingOf(
  answer: (asked: number, away: AwayStore) => ModelAnswer | Error,
  changes: Partial<CallModelInput> = {},
  logger = testLogger,
): Promise<Setting> {
  const { run, workflowExecution } = await startUnplanned(store.database)
  const away = awayStore(store.database)
  let asked = 0
  const { callModel } = createActivities({
    telemetry: NO_TELEMETRY,
    database: away.database,
    logger,
    prices: createPriceBook(PRICE_OVERRIDES),
    app: testApp({ prompt: (name) => (name === 'support' ? 'Be kind.' : null) }),
    outside: NO_OUTSIDE,
    traffic: inSequence([]),
    readers: NO_READERS,
    adapterFor: () => ({
      async generate() {
        asked += 1
        const given = answer(asked, away)
        if (given instanceof Error) throw given
        return given
      },
    }),
    admits: () => assert.fail('nothing is decided'),
  })
  const input: CallModelInput = {
    run,
    step: 1,
    hop: 0,
    seq: 1,
    agent: 'support',
    prompt: { name: 'support', version: 'v1' },
    model: { provider: 'openai', wire: 'openai-responses', model: 'gpt-5.5', maxOutputTokens: 1_000 },
    tools: [],
    ...changes,
  }
  return {
    away,
    run,
    asked: () => asked,
    attempt: (n = 1, environment = environmentOf(n)) => {
      Object.assign(environment.context.info, { workflowExecution })
      return environment.run(callModel, input)
    },
  }
}

const environmentOf = (attempt: number) =>
  new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') })

function failureOf(promise: Promise<unknown>): Promise<ApplicationFailure> {
  return promise.then(
    () => assert.fail('it went through'),
    (error: unknown) => (error instanceof ApplicationFailure ? error : assert.fail(String(error))),
  )
}

const statementsOf = (name: string) => (statement: { readonly name?: string }) =>
  statement.name?.startsWith(name) === true

/** Away until so many statements have been refused. */
function awayFor(away: AwayStore, many: number, name: string): void {
  const from = away.refused.length
  away.goAway((statement) => {
    if (away.refused.length - from < many) return statementsOf(name)(statement)
    return false
  })
}

test('an answer in hand is stored again and again while the store is away, and paid for once', async () => {
  const { attempt, asked, away } = await settingOf((_, store) => {
    awayFor(store, 4, 'store_model_call')
    return ANSWER
  })
  const decision = await attempt()
  assert.ok('stop' in decision && decision.preview === 'It is on its way.')
  assert.equal(away.refused.length, 4)
  assert.deepEqual(await attempt(2), decision)
  assert.equal(asked(), 1)
})

test('a cancel does not throw it away', async () => {
  const environment = environmentOf(1)
  const { attempt, asked } = await settingOf((_, store) => {
    awayFor(store, 3, 'store_model_call')
    environment.cancel('CANCELLED')
    return ANSWER
  })
  assert.ok('stop' in (await attempt(1, environment)))
  assert.equal(asked(), 1)
})

test('a worker that is asked to end tries once more, and lets go', async () => {
  const environment = environmentOf(1)
  const { attempt, away } = await settingOf((_, store) => {
    store.goAway((statement) => {
      const isMeant = statementsOf('store_model_call')(statement)
      if (isMeant && store.refused.length === 2) environment.cancel('WORKER_SHUTDOWN')
      return isMeant
    })
    return ANSWER
  })
  const { type, nonRetryable } = await failureOf(attempt(1, environment))
  assert.deepEqual([type, nonRetryable], ['store_unavailable', false])
  assert.equal(away.refused.length, 4)
})

test('what the store fails uses up no try of the provider, however often', async () => {
  const { attempt, asked, away } = await settingOf(
    () => new ModelFailure('model_overloaded', { billed: 'no' }),
  )
  away.goAway()
  for (let n = 1; n <= 20; n += 1) {
    const { type, nonRetryable, nextRetryDelay } = await failureOf(attempt(n))
    assert.deepEqual([type, nonRetryable, nextRetryDelay], ['store_unavailable', false, undefined])
  }
  away.back()
  assert.equal(asked(), 0)

  const seen = []
  for (let n = 21; n < 21 + TRIES.model.most; n += 1) seen.push(await failureOf(attempt(n)))
  assert.deepEqual(
    seen.map(({ type, nonRetryable, nextRetryDelay }) => [type, nonRetryable, nextRetryDelay]),
    [
      ['model_overloaded', false, 1_000],
      ['model_overloaded', false, 2_000],
      ['model_overloaded', false, 4_000],
      ['model_overloaded', true, 8_000],
    ],
  )
})

test('a failure whose report was lost is not tried once more than the table says', async () => {
  const { attempt, asked } = await settingOf(() => new ModelFailure('model_overloaded', { billed: 'no' }))
  for (let n = 1; n <= TRIES.model.most; n += 1) await failureOf(attempt(n))
  const { type, nonRetryable } = await failureOf(attempt(TRIES.model.most + 1))
  assert.deepEqual([type, nonRetryable], ['model_overloaded', true])
  assert.equal(asked(), TRIES.model.most)
})

test('tries of another activity do not count: a hop may be asked anew', async () => {
  const { attempt, asked, run } = await settingOf(() => ANSWER)
  for (let n = 0; n < TRIES.model.mostLost; n += 1) await begun(store.database, run, { activity: 'earlier' })
  assert.ok('stop' in (await attempt(2)))
  assert.equal(asked(), 1)
})

test('a call of which every worker dies ends, unless its answer is there', async () => {
  const { attempt, asked, run } = await settingOf(() => ANSWER)
  const activity = `${EXECUTION_ID}/${environmentOf(1).context.info.activityId}`
  for (let n = 1; n < TRIES.model.mostLost; n += 1) await begun(store.database, run, { activity })
  assert.ok('stop' in (await attempt(TRIES.model.mostLost)))
  assert.equal(asked(), 1)

  const doomed = await settingOf(() => assert.fail('asked for the eleventh time'))
  for (let n = 0; n < TRIES.model.mostLost; n += 1) await begun(store.database, doomed.run, { activity })
  const { type, nonRetryable } = await failureOf(doomed.attempt(TRIES.model.mostLost + 1))
  assert.deepEqual([type, nonRetryable], ['model_timed_out', true])
})

test('a paid answer that cannot be kept is not asked for again, and counts as its worst case', async () => {
  const { attempt, asked, run } = await settingOf(() => ({
    ...ANSWER,
    usage: { ...ANSWER.usage, inputTokens: 120.5 },
  }))
  const { type, nonRetryable } = await failureOf(attempt())
  assert.deepEqual([type, nonRetryable], ['model_answer_malformed', true])
  assert.equal(asked(), 1)
  const attempts = await store.database.query({
    text: 'select status, code from model_attempts where run_id = $1',
    values: [run.runId],
  })
  assert.deepEqual(attempts, [{ status: 'unknown', code: 'model_answer_malformed' }])
})

test('an answer that takes longer than a call may is asked for twice, since each is paid for', async () => {
  const { attempt, asked } = await settingOf(() => new ModelFailure('model_call_timed_out'))
  const first = await failureOf(attempt(1))
  const second = await failureOf(attempt(2))
  assert.deepEqual([first.nonRetryable, second.nonRetryable, asked()], [false, true, 2])
})

test('nor is one that an adapter chokes on', async () => {
  const { attempt, asked } = await settingOf(() => new TypeError("reading 'replace'"))
  const { type, nonRetryable } = await failureOf(attempt())
  assert.deepEqual([type, nonRetryable, asked()], ['model_answer_malformed', true, 1])
})

test('a worker that lacks the prompt or a tool leaves the call to another one, for as long as it takes', async () => {
  for (const changes of [{ prompt: { name: 'billing', version: 'v9' } }, { tools: ['fly'] }]) {
    const { attempt, asked, run } = await settingOf(() => ANSWER, changes)
    const { type, nonRetryable } = await failureOf(attempt(1_000))
    assert.deepEqual([type, nonRetryable, asked()], ['agent_unknown', false, 0])
    const [{ attempts } = {}] = await store.database.query<{ attempts: number }>({
      text: 'select attempts from runs where id = $1',
      values: [run.runId],
    })
    assert.equal(attempts, 0, 'nothing is booked')
  }
})

test('each line of a failed call has the run, its trace and tenant, the agent, the step, the model and the code', async () => {
  const rows: Record<string, unknown>[] = []
  const logger = pino({ base: null, timestamp: false }, { write: (line) => rows.push(JSON.parse(line)) })
  const { attempt, run } = await settingOf(
    () => new ModelFailure('model_unauthorized', { billed: 'no' }),
    {},
    logger,
  )
  await failureOf(attempt())
  const { runId, tenant, trace } = toFactRun(run)
  const about = {
    runId,
    traceId: trace.traceId,
    tenant,
    agent: 'support',
    step: 1,
    hop: 0,
    provider: 'openai',
    model: 'gpt-5.5',
    code: 'model_unauthorized',
  }
  for (const text of ['model call failed', 'activity failed for good']) {
    const row = rows.find(({ msg }) => msg === text)
    assert.partialDeepStrictEqual(row, about, text)
  }
})
