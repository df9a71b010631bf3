import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { CompactedTranscript } from '../../../src/contracts/models/context.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import {
  type ContextWindow,
  findExtent,
  findShown,
  findWindow,
  type StoreWindow,
  storeWindow,
} from '../../../src/store/models/context-windows.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { addInboxMessage } from '../../../src/store/record/messages.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { forEachDatabase } from '../../support/database.ts'
import { assertBooks } from '../support/books.ts'
import { eventTypesOf, transcriptOf } from '../support/histories.ts'
import {
  answerTo,
  assistantMessage,
  beginCall,
  begun,
  modelCall,
  startRun,
  storeAnswer,
  toolMessage,
} from '../support/samples.ts'

const OUTCOME: CompactedTranscript = { strategy: 'sliding', kept: 3, of: 6 }
const LEAD = { role: 'user', text: 'Some are left out.' } as const

const windowOf = (run: RunIdentity, change: Partial<ContextWindow> = {}): StoreWindow => ({
  run,
  agent: 'support',
  number: 1,
  window: { fromSeq: 4, kept: [0], lead: LEAD, resultBytes: null, ...change },
  outcome: OUTCOME,
  event: { type: 'context.compacted', data: { step: 3, agent: 'support', number: 1 } },
})

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  /** The input, and two answers with a result each: six messages with the third answer, which stands at 5. */
  async function startLong(): Promise<RunIdentity> {
    const run = await startRun(db)
    for (const [step, seq] of [
      [1, 1],
      [2, 3],
    ] as const) {
      const message = assistantMessage(`Step ${step}.`, ['get_order'])
      await storeAnswer(db, modelCall(run, { step, seq, message }))
      await db.query({
        text: 'insert into messages (run_id, seq, tenant, message) values ($1, $2, $3, $4)',
        values: [run.runId, seq + 1, run.tenant, JSON.stringify(toolMessage(0, 'x'.repeat(4_000)))],
      })
    }
    return run
  }

  const third = (run: RunIdentity) => ({ step: 3, seq: 5, contextKey: 'same.1', run })
  const words = (messages: readonly object[]) =>
    messages.map((message) =>
      'content' in message ? `${message.content}` : 'text' in message ? message.text : '',
    )

  test('a model is shown what a window keeps, its words for the rest, and what comes after', async () => {
    const run = await startLong()
    assert.ok(await storeWindow(db, windowOf(run, { fromSeq: 3 })))
    await addInboxMessage(db, { id: 'msg_1', tenant: 'acme', runId: run.runId, text: 'And now?', by: 'ann' })
    const inbox = ['msg_1']
    const { transcript } = await begun(db, run, { ...third(run), seq: 6, inbox, window: 1 })
    assert.deepEqual(words(transcript), [
      'Where is my order?',
      'Some are left out.',
      'Step 2.',
      'x'.repeat(4_000),
      'And now?',
    ])
    // The transcript itself is whole, and has none of the window's words.
    assert.equal((await transcriptOf(db, run)).length, 5)
  })

  test('results are cut as the window says, and booked as they are shown', async () => {
    const run = await startLong()
    await storeWindow(db, windowOf(run, { fromSeq: 3, resultBytes: 512 }))
    const { transcript } = await begun(db, run, { ...third(run), window: 1 })
    const [, , , cut = ''] = words(transcript) as string[]
    assert.match(cut, /^x{512}\n\[… 3488 bytes of this result are left out/)
    const worst = await db.query<{ tokens: number }>({
      text: 'select worst_tokens as tokens from model_attempts where run_id = $1 and step = 3',
      values: [run.runId],
    })
    // Output cap and fixed tokens, and what the messages have at most.
    assert.ok((worst[0]?.tokens ?? 0) < 1_100 + 2_500, `${worst[0]?.tokens}`)
    assert.ok((worst[0]?.tokens ?? 0) > 1_100 + 512)
    await assertBooks(db)
  })

  test('the provider’s count of a request through another window bounds nothing', async () => {
    const run = await startLong()
    await storeWindow(db, windowOf(run))
    const first = await begun(db, run, { ...third(run), window: 1 })
    const usage = {
      inputTokens: 70,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 5,
      reasoningTokens: 0,
    }
    const message = assistantMessage('Here it is.')
    const decision = { ...modelCall(run).decision, usage }
    await storeModelCall(db, answerTo(run, first, { ...third(run), message, decision }))
    assert.deepEqual(await findExtent(db, run, { seq: 6, contextKey: 'same.1' }), {
      messages: 6,
      tokens: 75,
      tokensSeq: 5,
    })
    assert.equal((await findExtent(db, run, { seq: 6, contextKey: 'same.2' })).tokens, null)
    const within = beginCall(run, { step: 4, seq: 6, contextKey: 'same.1', window: 1, mostInputTokens: 100 })
    assert.ok('attempt' in (await beginModelCall(db, within)))
    const other = await beginModelCall(db, { ...within, hop: 1, contextKey: 'same.2' })
    assert.ok('uncounted' in other)
  })

  test('a request that may be too long is given back to be counted, and nothing is booked', async () => {
    const run = await startLong()
    const call = beginCall(run, { step: 3, seq: 5, contextKey: 'same', mostInputTokens: 4_000 })
    const begin = await beginModelCall(db, call)
    assert.ok('uncounted' in begin)
    const { transcript, contextTokens, unmeasured } = begin.uncounted
    // The last answer was counted by its provider; the result after it was not.
    assert.deepEqual([transcript.length, contextTokens, unmeasured], [5, 120, 1])
    const attempts = () =>
      db.query({ text: 'select 1 from model_attempts where run_id = $1 and step = 3', values: [run.runId] })
    assert.deepEqual(await attempts(), [])
    const { mostInputTokens: _, ...booked } = call
    assert.ok('attempt' in (await beginModelCall(db, booked)))
    assert.equal((await attempts()).length, 1)
    // The bound of a request that is certainly short enough says so.
    const fits = await beginModelCall(db, { ...call, hop: 1, mostInputTokens: 4_500 })
    assert.ok('attempt' in fits)
  })

  test('a window is stored once, with its event, and not after the run’s end', async () => {
    const run = await startLong()
    assert.equal(await storeWindow(db, windowOf(run)), true)
    assert.equal(await storeWindow(db, windowOf(run, { fromSeq: 1 })), false)
    const found = await findWindow(db, { run, agent: 'support', number: 1 })
    assert.deepEqual(found, { fromSeq: 4, kept: [0], lead: LEAD, resultBytes: null, outcome: OUTCOME })
    assert.equal(await findWindow(db, { run, agent: 'billing', number: 1 }), null)
    assert.equal(
      await findWindow(db, { run: { ...run, tenant: 'other' }, agent: 'support', number: 1 }),
      null,
    )
    assert.equal((await eventTypesOf(db, run)).filter((type) => type === 'context.compacted').length, 1)
    await closeRun(db, { run, status: 'cancelled', steps: 2, approvals: [], failedHops: [] })
    assert.equal(await storeWindow(db, { ...windowOf(run), number: 2 }), false)
  })

  test('what a window shows is found with its places, and added messages after it', async () => {
    const run = await startLong()
    await addInboxMessage(db, { id: 'msg_2', tenant: 'acme', runId: run.runId, text: 'And now?', by: 'ann' })
    const shown = await findShown(db, run, { seq: 5, inbox: ['msg_2', 'none'] }, { fromSeq: 3, kept: [0] })
    assert.deepEqual(
      shown.map(({ seq, message }) => `${seq} ${message.role}`),
      ['0 user', '3 assistant', '4 tool', '6 user'],
    )
  })
})
