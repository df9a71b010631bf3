import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import { findShownMessages } from '../../../src/store/cache/shown-messages.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import {
  findExtent,
  findPresentWindow,
  findShown,
  storeWindow,
  WHOLE_TRANSCRIPT,
} from '../../../src/store/models/context-windows.ts'
import { findRouteFacts } from '../../../src/store/models/route-facts.ts'
import type { RunInThread } from '../../../src/store/record/turns.ts'
import { takeNextTurn } from '../../../src/store/threads/turns.ts'
import { takeFromBuckets } from '../../../src/store/traffic/take-from-buckets.ts'
import { forEachDatabase } from '../../support/database.ts'
import { assistantMessage, beginCall, modelCall, storeAnswer } from '../support/samples.ts'
import { openThread, type ThreadRoom } from './support/thread-room.ts'

const LEAD = {
  role: 'user',
  text: 'Left out.',
  standsFor: { messages: 2, summarised: 2, fromSeq: -4, toSeq: -3 },
} as const

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  async function turn(room: ThreadRoom, text: string, answer: string): Promise<RunInThread> {
    const { run } = await room.accepted(text)
    const identity = await room.inTurn(run.id)
    await room.end(run.id, answer)
    return identity
  }

  async function begin(room: ThreadRoom, text: string): Promise<RunInThread> {
    return room.inTurn((await room.accepted(text)).run.id)
  }

  async function shownTo(run: RunInThread, window?: number): Promise<string[]> {
    const call = beginCall(run, { ...(window !== undefined && { window }) })
    const begun = await beginModelCall(db, call)
    if (!('transcript' in begun)) throw new Error(JSON.stringify(begun))
    return begun.transcript.map((message) => (message.role === 'tool' ? message.content : message.text))
  }

  function compact(run: RunInThread, fromSeq: number, kept: readonly number[]): Promise<boolean> {
    return storeWindow(db, {
      run,
      agent: 'support',
      number: 1,
      window: { fromSeq, kept, lead: LEAD, resultBytes: null },
      outcome: { strategy: 'summary', kept: 3, of: 5 },
      event: { type: 'context.compacted', data: { step: 1, agent: 'support', number: 1 } },
    })
  }

  test('a turn is shown the turns before it and then its own messages', async () => {
    const room = await openThread(db)
    await turn(room, 'One?', 'One.')
    await turn(room, 'Two?', 'Two.')
    const run = await begin(room, 'Three?')
    assert.deepEqual(await shownTo(run), ['One?', 'One.', 'Two?', 'Two.', 'Three?'])
    const { thread: _, ...alone } = run
    const begun = await beginModelCall(db, beginCall(alone, { step: 2 }))
    assert.equal('transcript' in begun && begun.transcript.length, 1)
  })

  test('what is set aside for a call grows with the thread', async () => {
    const room = await openThread(db)
    await turn(room, 'One?', 'x'.repeat(10_000))
    const run = await begin(room, 'Two?')
    const uncounted = await beginModelCall(db, beginCall(run, { mostInputTokens: 9_000 }))
    assert.ok('uncounted' in uncounted)
    assert.equal(uncounted.uncounted.transcript.length, 3)
  })

  test('places of earlier turns count back from the run, and a window may begin there', async () => {
    const room = await openThread(db)
    await turn(room, 'One?', 'One.')
    await turn(room, 'Two?', 'Two.')
    const run = await begin(room, 'Three?')
    const shown = await findShown(db, run, { seq: 1, inbox: [] }, WHOLE_TRANSCRIPT)
    assert.deepEqual(
      shown.map(({ seq }) => seq),
      [-4, -3, -2, -1, 0],
    )
    assert.equal((await findExtent(db, run, { seq: 1, contextKey: 'same' })).messages, 5)
    await compact(run, -1, [-4])
    assert.deepEqual(await shownTo(run, 1), ['One?', 'Left out.', 'Two.', 'Three?'])
  })

  test("a turn begins in its agent's last window of the turns before it, and places go on from there", async () => {
    const room = await openThread(db)
    await turn(room, 'One?', 'One.')
    await turn(room, 'Two?', 'Two.')
    const third = await begin(room, 'Three?')
    await compact(third, -1, [-4])
    await room.end(third.runId, 'Three.')
    const fourth = await begin(room, 'Four?')
    const expected = ['One?', 'Left out.', 'Two.', 'Three?', 'Three.', 'Four?']
    assert.deepEqual(await shownTo(fourth), expected)
    const window = await findPresentWindow(db, { run: fourth, agent: 'support', number: 0 })
    assert.deepEqual([window?.fromSeq, window?.kept], [-3, [-6]])
    const { standsFor } = window?.lead ?? {}
    assert.deepEqual([standsFor?.fromSeq, standsFor?.toSeq], [-6, -5])
    assert.equal(await findPresentWindow(db, { run: fourth, agent: 'billing', number: 0 }), null)
    await room.end(fourth.runId, 'Four.')
    assert.deepEqual(await shownTo(await begin(room, 'Five?')), [...expected, 'Four.', 'Five?'])
  })

  test('a turn that is rolled back leaves no window either', async () => {
    const room = await openThread(db)
    await turn(room, 'One?', 'One.')
    const second = await begin(room, 'Two?')
    await compact(second, -1, [])
    const { run } = await room.accepted('Three?', 'rollback')
    await room.end(second.runId, undefined, 'cancelled')
    await takeNextTurn(db, room.threadId)
    assert.deepEqual(await shownTo(await room.inTurn(run.id)), ['One?', 'One.', 'Three?'])
  })

  test('rules, limits and the cache go by the whole thread', async () => {
    const room = await openThread(db)
    await turn(room, 'One?', 'One.')
    const run = await begin(room, 'Two?')
    const facts = await findRouteFacts(db, { run, agent: 'support', seq: 1, inbox: [], characters: 100 })
    assert.deepEqual(
      [facts.messages, facts.isContinued, facts.inputCharacters, facts.lastInput],
      [3, true, 8, 'Two?'],
    )
    const asked = { run, agent: 'support', step: 1, hop: 0, seq: 1, inbox: [], firstTimeOf: [] }
    assert.equal((await findShownMessages(db, asked)).transcript.length, 3)
    await compact(run, -1, [])
    await room.end(run.runId, 'Two.')
    const next = await begin(room, 'Three?')
    const { transcript } = await findShownMessages(db, { ...asked, run: next })
    assert.equal(transcript.length, 0, 'an answer to a part of a conversation is not for others')
  })

  test('a turn goes on from what the provider has counted of the turn before it', async () => {
    const room = await openThread(db)
    const first = await begin(room, 'x'.repeat(20_000))
    await storeAnswer(db, modelCall(first, { message: assistantMessage('Long.') }))
    await room.end(first.runId)
    const second = await begin(room, 'Two?')
    // 120 tokens of the turn before, and the bytes of what came since: far less than the bytes of all.
    assert.equal(
      'uncounted' in (await beginModelCall(db, beginCall(second, { mostInputTokens: 1_000 }))),
      false,
    )
    const { tokens, tokensSeq } = await findExtent(db, second, { seq: 1, contextKey: 'same' })
    assert.deepEqual([tokens, tokensSeq], [120, -1])
    assert.equal((await findExtent(db, second, { seq: 1, contextKey: 'other' })).tokens, null)
    await room.end(second.runId, undefined, 'cancelled')
    const third = await begin(room, 'Three?')
    assert.equal((await findExtent(db, third, { seq: 1, contextKey: 'same' })).tokensSeq, -2)
  })

  test('a limit a minute takes what the thread adds to the first request, as far as its window shows it', async () => {
    const room = await openThread(db)
    await turn(room, 'One?', 'x'.repeat(40_000))
    const run = await begin(room, 'Two?')
    const estimate = async (of: RunInThread) => {
      const taken = await takeFromBuckets(db, {
        run: of,
        agent: 'support',
        buckets: [
          { provider: 'openai', model: room.threadId, tenant: null, unit: 'tokens', perMinute: 1_000_000 },
        ],
        fixedTokens: 0,
        maxOutputTokens: 0,
        mayOwe: true,
      })
      return 'lacking' in taken ? assert.fail('refused') : taken.tokens
    }
    assert.ok((await estimate(run)) > 10_000)
    await compact(run, 0, [])
    await room.end(run.runId, 'Two.')
    assert.ok((await estimate(await begin(room, 'Three?'))) < 1_000)
  })

  test('a sub-agent or another thread is shown nothing of it', async () => {
    const [one, other] = [await openThread(db), await openThread(db)]
    await turn(one, 'Secret?', 'Secret.')
    assert.deepEqual(await shownTo(await begin(other, 'Anything?')), ['Anything?'])
  })

  test('a run id is no way into the thread of another tenant', async () => {
    const room = await openThread(db)
    await turn(room, 'One?', 'One.')
    const { runId } = await begin(room, 'Two?')
    const row = await room.run(runId as RunId)
    assert.equal(row.threadId, room.threadId)
    const accept = await openThread(db, 'other')
    assert.deepEqual(await accept.messages(), [])
  })
})
