import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../../src/activities/events/run-readers.ts'
import { ModelFailure } from '../../../../src/activities/models/failures/model-failure.ts'
import type { PriceBook } from '../../../../src/activities/models/prices/price-book.ts'
import { createChooseRoute } from '../../../../src/activities/models/routing/choose-route.ts'
import type { ModelAnswer, ModelRequest } from '../../../../src/activities/models/wires/model-adapter.ts'
import { Forged } from '../../../../src/activities/runs/forged.ts'
import { inSequence } from '../../../../src/activities/traffic/in-sequence.ts'
import {
  CallRefused,
  type TrafficGate,
  type TrafficOutcome,
} from '../../../../src/activities/traffic/traffic.ts'
import type { ChooseRouteInput, ChosenRoute } from '../../../../src/contracts/models/routing.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../../src/contracts/runs/run.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { listEvents } from '../../../../src/store/record/events.ts'
import { findRun } from '../../../../src/store/runs/runs.ts'
import { createTelemetry, NO_TELEMETRY, type Telemetry } from '../../../../src/telemetry/telemetry.ts'
import { assertBooks } from '../../../store/support/books.ts'
import { assistantMessage, samplePlan, startRun } from '../../../store/support/samples.ts'
import { awayStore } from '../../../support/away-store.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import { NO_OUTSIDE, testApp } from '../../../support/test-app.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { testLogger } from '../../../support/test-runtime.ts'
import { acceptedAs } from '../../support/accepted.ts'
import { TOKEN_PRICES } from '../support/token-prices.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

/** `nameless` has no price. */
const prices: PriceBook = {
  ...TOKEN_PRICES,
  worstRates: (provider, model) => (model === 'nameless' ? null : TOKEN_PRICES.worstRates(provider, model)),
}

const model = (name: string) =>
  ({ provider: 'openai', wire: 'openai-responses', model: name, maxOutputTokens: 64 }) as const

const PLAN: RunPlan = {
  ...samplePlan,
  routes: [{ chain: [model('small')] }, { chain: [model('large'), model('other')] }],
  routing: [
    { name: 'short', when: { inputCharacters: { below: 10 } }, route: 0 },
    {
      name: 'sort',
      when: { thread: 'new' },
      classifier: { model: model('nano'), question: 'Hard?', labels: { easy: 0, hard: 1 } },
    },
  ],
}

const USAGE = {
  inputTokens: 40,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 2,
  reasoningTokens: 0,
}

const says = (text: string, changes: Partial<ModelAnswer> = {}): ModelAnswer => ({
  message: assistantMessage(text),
  stop: 'end',
  usage: USAGE,
  servedBy: 'nano-2026',
  requestId: 'req_1',
  ...changes,
})

interface Classifier {
  readonly answer?: (request: ModelRequest) => ModelAnswer | Promise<ModelAnswer>
  readonly plan?: RunPlan
  readonly gate?: TrafficGate
  readonly telemetry?: Telemetry
  readonly database?: Database
}

/** The activity over a classifier that answers so, and what the classifier was asked. */
function choosing({
  answer = () => assert.fail('nobody is asked'),
  plan = PLAN,
  gate = inSequence([]),
  telemetry = NO_TELEMETRY,
  database = store.database,
}: Classifier = {}) {
  const asked: ModelRequest[] = []
  const chooseRoute = createChooseRoute({
    telemetry,
    database,
    logger: testLogger,
    prices,
    app: testApp(),
    outside: NO_OUTSIDE,
    readers: NO_READERS,
    traffic: gate,
    adapterFor: () => ({
      async generate(request) {
        asked.push(request)
        return answer(request)
      },
    }),
    admits: () => assert.fail('nothing is decided'),
  })
  const choose = (
    run: RunIdentity,
    changes: Partial<ChooseRouteInput> = {},
    attempt = 1,
  ): Promise<ChosenRoute> =>
    new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') }).run(
      (input: ChooseRouteInput) => chooseRoute(input, acceptedAs(input.run, plan)),
      { run, step: 1, seq: 1, agent: 'support', ...changes },
    )
  return { asked, choose }
}

const start = (text = 'Where is my order?') => startRun(store.database, { input: [{ role: 'user', text }] })
const budget = (limits: object) => ({
  budget: { limits, floorOutputTokens: 8, onUnknownPrice: 'deny' as const },
})
const routedOf = async ({ tenant, runId }: RunIdentity) =>
  (await listEvents(store.database, { tenant, runId, after: 0, limit: 100 })).filter(
    ({ type }) => type === 'model.routed',
  )
const attemptsOf = ({ runId }: RunIdentity) =>
  store.database.query({
    text: 'select hop, model, status, code from model_attempts where run_id = $1 order by attempt',
    values: [runId],
  })

test('a declared rule costs no call, and its choice is an event', async () => {
  const run = await start('Hi!')
  const { choose } = choosing()
  assert.deepEqual(await choose(run), { route: 0, rule: 'short' })
  assert.deepEqual(
    (await routedOf(run)).map(({ data }) => data),
    [{ step: 1, agent: 'support', rule: 'short', models: ['small'] }],
  )
})

test('where no rule holds, the agent’s own models are asked, and the event says so', async () => {
  const run = await start()
  const plan = { ...PLAN, routing: PLAN.routing?.slice(0, 1) ?? [] }
  assert.deepEqual(await choosing({ plan }).choose(run), { route: null, rule: null })
  assert.deepEqual((await routedOf(run))[0]?.data, {
    step: 1,
    agent: 'support',
    rule: null,
    models: ['gpt-test'],
  })
})

test('a classifier is asked once, booked as any call, and its label leads to the models', async () => {
  const run = await start()
  const { asked, choose } = choosing({ answer: () => says('Hard.') })
  const chosen = await choose(run, budget({ maxTokens: 10_000 }))
  const classifier = { model: 'nano', label: 'hard', usage: USAGE, costMicroUsd: 42 }
  const spent = { costMicroUsd: 42, unknownMicroUsd: 0, tokens: 42, modelCalls: 1 }
  assert.deepEqual(chosen, { route: 1, rule: 'sort', classifier, spent })
  assert.equal(asked[0]?.model.maxOutputTokens, 64)
  assert.deepEqual(asked[0]?.messages, [{ role: 'user', text: '"Where is my order?"' }])
  assert.deepEqual(asked[0]?.tools, [])
  assert.deepEqual(await attemptsOf(run), [{ hop: 5, model: 'nano', status: 'ok', code: null }])
  const [event] = await routedOf(run)
  assert.ok(event)
  assert.deepEqual(event.data['models'], ['large', 'other'])
  assert.deepEqual(event.data['classifier'], {
    model: 'nano',
    label: 'hard',
    usage: {
      input_tokens: 40,
      cached_input_tokens: 0,
      cache_write_tokens: 0,
      output_tokens: 2,
      reasoning_tokens: 0,
    },
    cost_micro_usd: 42,
  })
  await assertBooks(store.database)
  // Another attempt finds the choice.
  assert.deepEqual(await choose(run, {}, 2), { route: 1, rule: 'sort', classifier })
  assert.equal(asked.length, 1)
})

test('an answer that is no label is paid for, and leads to the agent’s own models', async () => {
  for (const answer of [says('I would say hard, but'), says('hard', { stop: 'max_output_tokens' })]) {
    const run = await start()
    const chosen = await choosing({ answer: () => answer }).choose(run)
    assert.deepEqual([chosen.route, chosen.classifier?.problem], [null, 'no_label'])
    assert.equal((await findRun(store.database, run.tenant, run.runId))?.usage.costMicroUsd, 42)
  }
})

test('a classifier that fails is not asked again, and its attempt is settled as far as its cost is known', async () => {
  const failures = [
    [new ModelFailure('model_overloaded', { billed: 'no' }), 'failed', 'model_overloaded'],
    [new ModelFailure('model_stalled'), 'unknown', 'model_stalled'],
    [new TypeError('odd'), 'unknown', 'model_answer_malformed'],
  ] as const
  for (const [error, status, code] of failures) {
    const run = await start()
    const { asked, choose } = choosing({
      answer() {
        throw error
      },
    })
    const chosen = await choose(run)
    assert.deepEqual([chosen.route, chosen.classifier?.problem], [null, code])
    assert.equal(asked.length, 1)
    assert.deepEqual(await attemptsOf(run), [{ hop: 5, model: 'nano', status, code }])
    assert.equal((await routedOf(run)).length, 1)
  }
  await assertBooks(store.database)
})

test('a budget that does not cover the classifier leads to the agent’s own models, and nobody is asked', async () => {
  const run = await start()
  const { asked, choose } = choosing()
  const chosen = await choose(run, budget({ maxCostMicroUsd: 100 }))
  assert.deepEqual([chosen.route, chosen.classifier], [null, { model: 'nano', problem: 'cost' }])
  assert.equal(asked.length, 0)
  assert.deepEqual(await attemptsOf(run), [])
})

test('a classifier without a price is not asked where costs are limited', async () => {
  const run = await start()
  const [short, sort] = PLAN.routing ?? []
  assert.ok(short && sort && 'classifier' in sort)
  const nameless = { ...sort, classifier: { ...sort.classifier, model: model('nameless') } }
  const { choose } = choosing({ plan: { ...PLAN, routing: [short, nameless] } })
  const chosen = await choose(run, budget({ maxCostMicroUsd: 1_000_000 }))
  assert.equal(chosen.classifier?.problem, 'model_price_unknown')
})

test('the gates of the traffic are passed, and left with the outcome; one that holds the call back is not waited for', async () => {
  const left: TrafficOutcome[] = []
  const open: TrafficGate = {
    enter: async () => ({
      leave: async (outcome) => {
        left.push(outcome)
      },
    }),
  }
  await choosing({ answer: () => says('easy'), gate: open }).choose(await start())
  await choosing({ gate: open }).choose(await start(), budget({ maxTokens: 10 }))
  assert.deepEqual(
    left.map(({ kind }) => kind),
    ['answered', 'unused'],
  )
  const shut: TrafficGate = {
    enter: async () => {
      throw new CallRefused('model_rate_limited', 5_000)
    },
  }
  const run = await start()
  const chosen = await choosing({ gate: shut }).choose(run)
  assert.deepEqual([chosen.route, chosen.classifier?.problem], [null, 'model_rate_limited'])
  assert.deepEqual(await attemptsOf(run), [])
})

test('a classifier whose server counts no tokens has an estimate, also for the limits a minute', async () => {
  const left: TrafficOutcome[] = []
  const gate: TrafficGate = {
    enter: async () => ({ leave: async (outcome) => void left.push(outcome) }),
  }
  const uncounted = { ...USAGE, inputTokens: 0, outputTokens: 0 }
  const run = await start()
  const chosen = await choosing({ answer: () => says('easy', { usage: uncounted }), gate }).choose(run)
  assert.equal(chosen.classifier?.usage?.estimated, true)
  const [outcome] = left
  assert.ok(outcome?.kind === 'answered' && outcome.usage.inputTokens > 0)
  await assertBooks(store.database)
})

test('a worker that died while it asked leaves an unknown cost, and the classifier is not asked again', async () => {
  const run = await start()
  const dying = choosing({
    answer() {
      throw new CancelledFailure('WORKER_SHUTDOWN')
    },
  })
  await assert.rejects(dying.choose(run), CancelledFailure)
  const { asked, choose } = choosing()
  const chosen = await choose(run, {}, 2)
  assert.deepEqual([chosen.route, chosen.classifier?.problem], [null, 'asked_before'])
  assert.equal(asked.length, 0)
  assert.deepEqual(await attemptsOf(run), [{ hop: 5, model: 'nano', status: 'unknown', code: null }])
  assert.ok(((await findRun(store.database, run.tenant, run.runId))?.budget.spent.unknownMicroUsd ?? 0) > 0)
  await assertBooks(store.database)
})

test('an agent that the accepted plan gives no rules is refused', async () => {
  const run = await start()
  for (const [plan, agent] of [
    [samplePlan, 'support'],
    [PLAN, 'billing'],
  ] as const) {
    await assert.rejects(choosing({ plan }).choose(run, { agent }), Forged)
  }
})

test('an escalation replaces the choice before it, once, and says why', async () => {
  const run = await start('Hi!')
  const plan: RunPlan = { ...PLAN, escalation: { route: 1, on: ['output_invalid'] } }
  const { choose } = choosing({ plan })
  await choose(run)
  const escalated = { route: 1, rule: 'escalation', cause: 'output_invalid' } as const
  assert.deepEqual(await choose(run, { step: 2, seq: 3, cause: 'output_invalid' }), escalated)
  assert.deepEqual(await choose(run, { step: 3, seq: 5, cause: 'output_invalid' }), escalated)
  assert.deepEqual(
    (await routedOf(run)).map(({ data }) => [data['step'], data['rule'], data['cause']]),
    [
      [1, 'short', undefined],
      [2, 'escalation', 'output_invalid'],
    ],
  )
  assert.deepEqual((await findRun(store.database, run.tenant, run.runId))?.routes, { support: escalated })
  // What the plan has not, nobody escalates for.
  await assert.rejects(choose(run, { cause: 'refusal' }), Forged)
  await assert.rejects(choosing().choose(run, { cause: 'output_invalid' }), Forged)
})

test('a classifier’s attempt is told after it is settled, and one that its worker leaves open is not told', async () => {
  const told: string[] = []
  const telemetry = createTelemetry([
    { take: (fact) => void told.push(fact.type === 'model.attempted' ? fact.outcome : fact.type) },
  ])
  const away = awayStore(store.database)
  const answered = choosing({ answer: () => says('hard'), telemetry, database: away.database })
  away.goAway(({ name }) => {
    const isChoice = name?.startsWith('record_route') === true
    if (isChoice) assert.deepEqual(told, [], 'nothing is told before the store has it')
    return isChoice && away.refused.length < 2
  })
  await answered.choose(await start())
  assert.equal(away.refused.length, 2)
  assert.deepEqual(told.splice(0), ['answered', 'model.routed'])

  const leaving = () => Promise.reject(new CancelledFailure('WORKER_SHUTDOWN'))
  await assert.rejects(choosing({ answer: leaving, telemetry }).choose(await start()), CancelledFailure)
  assert.deepEqual(told.splice(0), [])
  const stopped = () => Promise.reject(new CancelledFailure('CANCELLED'))
  await assert.rejects(choosing({ answer: stopped, telemetry }).choose(await start()), CancelledFailure)
  assert.deepEqual(told, ['stopped'])
})
