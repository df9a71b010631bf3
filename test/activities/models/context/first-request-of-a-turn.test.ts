import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { NO_READERS } from '../../../../src/activities/events/run-readers.ts'
import { createCompactTranscript } from '../../../../src/activities/models/context/compact-transcript.ts'
import { createInputLimits } from '../../../../src/activities/models/context/input-limit.ts'
import { inSequence } from '../../../../src/activities/traffic/in-sequence.ts'
import type { Compaction, CompactTranscriptInput } from '../../../../src/contracts/models/context.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import { findWindow, WHOLE_TRANSCRIPT } from '../../../../src/store/models/context-windows.ts'
import type { RunInThread } from '../../../../src/store/record/turns.ts'
import { NO_TELEMETRY } from '../../../../src/telemetry/telemetry.ts'
import { samplePlan } from '../../../store/support/samples.ts'
import { openThread, type ThreadRoom } from '../../../store/threads/support/thread-room.ts'
import { openPgliteTestDatabase } from '../../../support/pglite.ts'
import { NO_OUTSIDE, testApp, testTool } from '../../../support/test-app.ts'
import type { TestDatabase } from '../../../support/test-database.ts'
import { testLogger } from '../../../support/test-runtime.ts'
import { acceptedAs } from '../../support/accepted.ts'
import { TOKEN_PRICES } from '../support/token-prices.ts'

const MAX_TOKENS = 2_000
const [MODEL] = samplePlan.chain

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

const plan: RunPlan = { ...samplePlan, window: { maxTokens: MAX_TOKENS, strategy: 'sliding' } }

function compact(run: RunInThread, change: Partial<CompactTranscriptInput> = {}): Promise<Compaction> {
  const compactTranscript = createCompactTranscript({
    telemetry: NO_TELEMETRY,
    database: store.database,
    logger: testLogger,
    prices: TOKEN_PRICES,
    app: testApp({ tool: testTool, prompt: () => 'Be kind.' }),
    outside: NO_OUTSIDE,
    readers: NO_READERS,
    traffic: inSequence([]),
    adapterFor: () => assert.fail('no model is asked'),
    admits: () => assert.fail('nothing is decided'),
  })
  const input: CompactTranscriptInput = {
    run,
    step: 1,
    hop: 0,
    seq: 1,
    agent: 'support',
    number: 1,
    cause: 'predicted',
    ...change,
  }
  return new MockActivityEnvironment({ attempt: 1 }, { logger: new DefaultLogger('ERROR') }).run(
    compactTranscript,
    input,
    acceptedAs(run, plan),
  )
}

/** About so many tokens. */
const words = (tokens: number) => 'word '.repeat(tokens).trim()

async function say(room: ThreadRoom, text: string): Promise<RunInThread> {
  return room.inTurn((await room.accepted(text, 'enqueue', { plan })).run.id)
}

test('the first request of a turn is held to less than the window, and later ones to all of it', () => {
  assert.ok(MODEL)
  const limits = createInputLimits()
  assert.equal(limits.ofFirstCall(plan, 'support', MODEL), MAX_TOKENS * 0.8)
  assert.equal(limits.ofCall(plan, 'support', MODEL), MAX_TOKENS)
  const readsLess = { ...MODEL, contextTokens: 1_100, maxOutputTokens: 100 }
  assert.equal(limits.ofFirstCall(plan, 'support', readsLess), 1_000)
  assert.equal(limits.ofFirstCall(samplePlan, 'support', readsLess), 1_000)
})

test('earlier turns leave, and the next turn goes on without them', async () => {
  const room = await openThread(store.database)
  for (let turn = 1; turn <= 4; turn += 1) {
    const { runId } = await say(room, words(200))
    await room.end(runId, words(200))
  }
  const fifth = await say(room, 'And now?')
  const compaction = await compact(fifth)
  assert.ok('kept' in compaction)
  assert.equal(compaction.of, 9)
  assert.ok(compaction.kept < 9)
  const window = await findWindow(store.database, { run: fifth, agent: 'support', number: 1 })
  assert.ok(window !== null && window.fromSeq < 0, 'a part of the thread is still shown')
  await room.end(fifth.runId, 'Now.')
  // The next compaction goes on from that window: its words stand for all that has left, in both turns.
  const sixth = await say(room, 'And then?')
  assert.ok('kept' in (await compact(sixth)))
  const next = await findWindow(store.database, { run: sixth, agent: 'support', number: 1 })
  assert.ok(next !== null && next.fromSeq >= window.fromSeq - 2)
  const left = 10 + next.fromSeq - next.kept.length
  assert.deepEqual([next.lead?.standsFor?.messages, next.lead?.standsFor?.toSeq], [left, next.fromSeq - 1])
})

test('a first request of which nothing can leave is shown as it is, for as long as it fits', async () => {
  const room = await openThread(store.database)
  const { runId } = await say(room, 'Hello.')
  await room.end(runId, undefined, 'cancelled')
  const long = await say(room, words(1_700))
  assert.deepEqual(await compact(long), { strategy: 'sliding', kept: 2, of: 2 })
  const window = await findWindow(store.database, { run: long, agent: 'support', number: 1 })
  assert.deepEqual([window?.fromSeq, window?.lead], [WHOLE_TRANSCRIPT.fromSeq, null])
  // A provider that has refused it knows better, and so does a count above the limit.
  assert.deepEqual(await compact(long, { number: 2, cause: 'refused' }), { unchanged: true })
  await room.end(long.runId, undefined, 'cancelled')
  const longer = await openThread(store.database)
  assert.deepEqual(await compact(await say(longer, words(2_500))), { unchanged: true })
})
