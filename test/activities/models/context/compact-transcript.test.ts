import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../../src/activities/events/run-readers.ts'
import { createCompactTranscript } from '../../../../src/activities/models/context/compact-transcript.ts'
import { ModelFailure } from '../../../../src/activities/models/failures/model-failure.ts'
import type { ModelAnswer, ModelRequest } from '../../../../src/activities/models/wires/model-adapter.ts'
import { inSequence } from '../../../../src/activities/traffic/in-sequence.ts'
import { CallRefused, type TrafficGate } from '../../../../src/activities/traffic/traffic.ts'
import type {
  Compaction,
  CompactTranscriptInput,
  WindowStrategy,
} from '../../../../src/contracts/models/context.ts'
import type { PlannedModel } from '../../../../src/contracts/models/model.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../../src/contracts/runs/run.ts'
import { findWindow } from '../../../../src/store/models/context-windows.ts'
import { closeRun } from '../../../../src/store/runs/close-run.ts'
import { findRun } from '../../../../src/store/runs/runs.ts'
import { NO_TELEMETRY } from '../../../../src/telemetry/telemetry.ts'
import { assertBooks } from '../../../store/support/books.ts'
import { eventsOf } from '../../../store/support/histories.ts'
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

const WRITER: PlannedModel = {
  provider: 'openai',
  wire: 'openai-responses',
  model: 'writer',
  maxOutputTokens: 2_000,
}

function planWith(strategy: WindowStrategy): RunPlan {
  const summaryModel = strategy === 'sliding' ? {} : { summaryModel: WRITER }
  return { ...samplePlan, window: { maxTokens: 2_000, strategy, ...summaryModel } }
}

const USAGE = {
  inputTokens: 900,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 40,
  reasoningTokens: 0,
}

function summaryOf(text: string, change: Partial<ModelAnswer> = {}): ModelAnswer {
  const message = assistantMessage(text)
  return { message, stop: 'end', usage: USAGE, servedBy: 'writer-2026', requestId: 'req_1', ...change }
}

/** Models that answer in turn, and what they were asked. */
function compactorThat(...answers: (ModelAnswer | Error)[]) {
  return compactorBehind(inSequence([]), ...answers)
}

function compactorBehind(traffic: TrafficGate, ...answers: (ModelAnswer | Error)[]) {
  const asked: ModelRequest[] = []
  const compactTranscript = createCompactTranscript({
    telemetry: NO_TELEMETRY,
    database: store.database,
    logger: testLogger,
    prices: TOKEN_PRICES,
    app: testApp({ tool: testTool, prompt: () => 'Be kind.' }),
    outside: NO_OUTSIDE,
    readers: NO_READERS,
    traffic,
    adapterFor: () => ({
      async generate(request, { onProgress }) {
        asked.push(request)
        onProgress('')
        const answer = answers.shift() ?? assert.fail('asked too often')
        if (answer instanceof Error) throw answer
        return answer
      },
    }),
    admits: () => assert.fail('nothing is decided'),
  })
  const compact = (input: CompactTranscriptInput, plan: RunPlan | null, attempt = 1): Promise<Compaction> =>
    new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') }).run(
      compactTranscript,
      input,
      acceptedAs(input.run, plan),
    )
  return { asked, compact }
}

const TURNS = 20
const WORDS = 'The parcel has not moved since the sorting centre. '.repeat(10)

/** A run of as many turns, and the compaction of its transcript. */
async function talked(plan: RunPlan, turns = TURNS): Promise<CompactTranscriptInput> {
  const run = await startRun(store.database, { plan })
  for (let seq = 1; seq < turns * 2; seq += 1) {
    const text = `${seq}: ${WORDS}`
    const message = seq % 2 === 0 ? { role: 'user', text } : assistantMessage(text)
    await store.database.query({
      text: 'insert into messages (run_id, seq, tenant, message) values ($1, $2, $3, $4)',
      values: [run.runId, seq, run.tenant, JSON.stringify(message)],
    })
  }
  return { run, step: turns + 1, hop: 0, seq: turns * 2, agent: 'support', number: 1, cause: 'near_limit' }
}

async function compactedEvent(run: RunIdentity) {
  const events = await eventsOf(store.database, run)
  const { data } = events.find(({ type }) => type === 'context.compacted') ?? assert.fail('no event')
  return data
}

const attemptsOf = ({ runId }: RunIdentity) =>
  store.database.query<{ model: string; status: string; code: string | null }>({
    text: 'select model, status, code from model_attempts where run_id = $1 order by attempt',
    values: [runId],
  })

test('older messages are left out, visibly, and no model is asked', async () => {
  const plan = planWith('sliding')
  const input = await talked(plan)
  const { compact } = compactorThat()
  const compaction = await compact(input, plan)
  assert.ok('kept' in compaction && compaction.kept < 14 && compaction.kept > 4)
  assert.deepEqual({ ...compaction, kept: 0 }, { strategy: 'sliding', kept: 0, of: 40 })
  const window = await findWindow(store.database, input)
  assert.ok(window !== null && window.fromSeq > 20)
  assert.deepEqual(window.kept, [0])
  assert.match(window.lead?.text ?? '', /^\[\d+ earlier messages/)
  const event = await compactedEvent(input.run)
  assert.ok(Number(event['tokens_before']) > 2_000 && Number(event['tokens_after']) <= 1_000)
  assert.equal(Number(event['messages_kept']) + Number(event['messages_left_out']), 40)
})

test('a summary is asked of its own model, is booked, and stands in the window with its provenance', async () => {
  const plan = planWith('both')
  const input = await talked(plan)
  const { asked, compact } = compactorThat(summaryOf('They look for a parcel.'))
  const limits = { maxCostMicroUsd: 100_000 }
  const budget = { limits, floorOutputTokens: 10, onUnknownPrice: 'deny' } as const
  const compaction = await compact({ ...input, budget }, plan)
  assert.ok('kept' in compaction)
  assert.equal(compaction.strategy, 'both')
  assert.deepEqual(compaction.summary, { usage: USAGE, costMicroUsd: 940 })
  assert.deepEqual(compaction.spent, { costMicroUsd: 940, unknownMicroUsd: 0, tokens: 940, modelCalls: 1 })
  const [request, ...others] = asked
  assert.deepEqual(others, [])
  assert.deepEqual([request?.model.model, request?.tools, request?.messages.length], ['writer', [], 1])
  assert.ok((request?.model.maxOutputTokens ?? 0) <= 256)
  const [message] = request?.messages ?? []
  assert.match(message?.role === 'user' ? message.text : '', /^<conversation>\n\[user\] Where is my order\?/)
  const window = await findWindow(store.database, input)
  assert.equal(window?.lead?.text, 'They look for a parcel.')
  assert.deepEqual(
    [window.lead.standsFor?.writtenBy, window.lead.standsFor?.fromSeq, window.lead.standsFor?.toSeq],
    ['writer-2026', 0, window.fromSeq - 1],
  )
  const event = await compactedEvent(input.run)
  assert.equal((event['summary'] as Record<string, unknown>)['cost_micro_usd'], 940)
  assert.deepEqual(await attemptsOf(input.run), [{ model: 'writer', status: 'ok', code: null }])
  assert.equal((await findRun(store.database, 'acme', input.run.runId))?.usage.modelCalls, 1)
  await assertBooks(store.database)
})

test('an attempt that finds the window stored asks nobody again', async () => {
  const plan = planWith('summary')
  const input = await talked(plan)
  const { asked, compact } = compactorThat(summaryOf('They look for a parcel.'))
  const first = await compact(input, plan)
  assert.deepEqual(await compact(input, plan, 2), first)
  assert.equal(asked.length, 1)
})

test('the next summary is given the one before, and stands for the messages of both', async () => {
  const plan = planWith('summary')
  const input = await talked(plan)
  const { asked, compact } = compactorThat(summaryOf('It is parcel 7.'), summaryOf('Still parcel 7.'))
  await compact(input, plan)
  for (let seq = 40; seq < 60; seq += 1) {
    await store.database.query({
      text: 'insert into messages (run_id, seq, tenant, message) values ($1, $2, $3, $4)',
      values: [input.run.runId, seq, 'acme', JSON.stringify({ role: 'user', text: WORDS })],
    })
  }
  await compact({ ...input, step: 31, seq: 60, number: 2 }, plan)
  const [message] = asked[1]?.messages ?? []
  assert.match(
    message?.role === 'user' ? message.text : '',
    /^<earlier_summary>\nIt is parcel 7\.\n<\/earlier_summary>/,
  )
  const window = await findWindow(store.database, { ...input, number: 2 })
  const { messages = 0, summarised, fromSeq } = window?.lead?.standsFor ?? {}
  assert.equal(window?.lead?.text, 'Still parcel 7.')
  assert.deepEqual([messages, fromSeq], [summarised, 0])
  assert.ok(messages > 50)
})

for (const [what, answer, code] of [
  ['its model is away', new ModelFailure('model_overloaded', { billed: 'no' }), 'model_overloaded'],
  ['its model says nothing', summaryOf('  '), 'model_answer_malformed'],
  ['its model refuses', summaryOf('I must not.', { stop: 'refusal' }), 'model_answer_malformed'],
  ['nobody foresees why', new TypeError('odd'), 'model_answer_malformed'],
] as const) {
  test(`no summary can be had (${what}): the messages are left out without one, visibly`, async () => {
    const plan = planWith('both')
    const input = await talked(plan)
    const compaction = await compactorThat(answer).compact(input, plan)
    assert.ok('kept' in compaction)
    assert.deepEqual([compaction.strategy, compaction.summary], ['sliding', undefined])
    assert.equal((await compactedEvent(input.run))['no_summary'], code)
    assert.deepEqual(
      (await attemptsOf(input.run)).map((attempt) => attempt.code),
      [code],
    )
    await assertBooks(store.database)
  })
}

test('a summary that the budget does not cover, or that a gate holds back, is not asked for', async () => {
  const plan = planWith('summary')
  const input = await talked(plan)
  const budget = { limits: { maxTokens: 200 }, floorOutputTokens: 10, onUnknownPrice: 'deny' } as const
  const { compact } = compactorThat()
  await compact({ ...input, budget }, plan)
  assert.equal((await compactedEvent(input.run))['no_summary'], 'budget_reached')
  assert.deepEqual(await attemptsOf(input.run), [])

  const held = await talked(plan)
  const gate: TrafficGate = {
    enter: () => Promise.reject(new CallRefused('model_overloaded', null)),
  }
  await compactorBehind(gate).compact(held, plan)
  assert.equal((await compactedEvent(held.run))['no_summary'], 'model_overloaded')

  const last = await talked(plan)
  await compact({ ...last, wrapUp: true }, plan)
  assert.equal((await compactedEvent(last.run))['no_summary'], 'budget_reached')
})

test('a worker that dies while a summary is written costs its worst case, and the next one asks again', async () => {
  const plan = planWith('summary')
  const input = await talked(plan)
  const { asked, compact } = compactorThat(
    new CancelledFailure('the worker is gone'),
    summaryOf('They look for a parcel.'),
  )
  await assert.rejects(compact(input, plan), CancelledFailure)
  // Nobody has seen how it ended.
  assert.deepEqual(
    (await attemptsOf(input.run)).map(({ status }) => status),
    ['open'],
  )
  const compaction = await compact(input, plan, 2)
  assert.ok('kept' in compaction && compaction.strategy === 'summary')
  assert.equal(asked.length, 2)
  assert.deepEqual(
    (await attemptsOf(input.run)).map(({ status }) => status),
    ['unknown', 'ok'],
  )
  await assertBooks(store.database)
})

test('an agent without a window gets a sliding one when its model refuses the request', async () => {
  const input = await talked(samplePlan)
  const compaction = await compactorThat().compact({ ...input, cause: 'refused' }, samplePlan)
  assert.ok('kept' in compaction)
  assert.equal(compaction.strategy, 'sliding')
  const { tokens_before: before, tokens_after: after } = await compactedEvent(input.run)
  assert.ok(Number(after) <= Number(before) / 2)
})

test('where nothing can be left out the window stays, and nothing is stored', async () => {
  const plan = planWith('both')
  const run = await startRun(store.database, { plan, input: [{ role: 'user', text: WORDS.repeat(30) }] })
  const input = { run, step: 1, hop: 0, seq: 1, agent: 'support', number: 1, cause: 'predicted' } as const
  assert.deepEqual(await compactorThat().compact(input, plan), { unchanged: true })
  assert.equal(await findWindow(store.database, input), null)
})

test('a run that has ended gets no window, and one without a stored plan none at all', async () => {
  const plan = planWith('sliding')
  const input = await talked(plan)
  await closeRun(store.database, {
    run: input.run,
    status: 'cancelled',
    steps: 2,
    approvals: [],
    failedHops: [],
  })
  const { compact } = compactorThat()
  await assert.rejects(
    compact(input, plan),
    (error) =>
      error instanceof ApplicationFailure && error.type === 'run_ended' && error.nonRetryable === true,
  )
  await assert.rejects(compact(input, null), { name: 'Forged' })
  await assert.rejects(compact({ ...input, agent: 'nobody' }, plan), { name: 'Forged' })
})
