import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Database } from '../../../src/store/database/database.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { addInboxMessage } from '../../../src/store/record/messages.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { findStoredCall } from '../../../src/store/tools/authorised-call.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventsOf, eventTypesOf, transcriptOf } from '../support/histories.ts'
import {
  answerTo,
  assistantMessage,
  beginCall,
  begun,
  decisionOf,
  modelCall,
  startRun,
  storeAnswer,
  toolMessage,
} from '../support/samples.ts'

forEachDatabase((name, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('an answer is kept whole, and given to whoever asks for its key again', async () => {
    const run = await startRun(db)
    const { transcript } = await begun(db, run)
    assert.deepEqual(transcript, [{ role: 'user', text: 'Where is my order?' }])
    const message = {
      ...assistantMessage('Looking.', ['get_order', 'search_help']),
      // The order of members and numbers' spelling come back as they were.
      wireItems: [
        { z: 1, a: [1.5, -0.25, 1e21], 'ü"\\': null },
        { type: 'reasoning', encrypted: 'x'.repeat(5_000) },
      ],
    }
    const call = modelCall(run, { message })
    assert.deepEqual(await storeAnswer(db, call), call.decision)
    const again = await beginModelCall(db, beginCall(run))
    assert.deepEqual('stored' in again && again.stored, call.decision)
    const next = await begun(db, run, { step: 2, seq: 2 })
    assert.deepEqual(next.transcript, [{ role: 'user', text: 'Where is my order?' }, message])
    assert.equal(JSON.stringify(next.transcript[1]), JSON.stringify(message))
    assert.deepEqual((await findStoredCall(db, { run, step: 1, index: 1, again: 0 }))?.arguments, {
      order: 1,
    })
    assert.equal(await findStoredCall(db, { run, step: 1, index: 2, again: 0 }), null)
  })

  test('the answer and its cost are counted in the run, and have an event', async () => {
    const run = await startRun(db)
    const message = assistantMessage('Looking.', ['get_order', 'made_up'])
    const decision = decisionOf(message)
    const call = modelCall(run, {
      message,
      hop: 1,
      failedHops: [{ hop: 0, model: 'gpt-first', code: 'model_overloaded' }],
      decision: {
        ...decision,
        toolCalls: decision.toolCalls.map((pending) =>
          pending.index === 1 ? { ...pending, problem: 'tool_unknown' as const } : pending,
        ),
      },
      notes: [{ seq: 3, message: toolMessage(1, 'There is no tool with this name.', true) }],
    })
    await storeAnswer(db, call)
    const row = await findRun(db, 'acme', run.runId)
    assert.deepEqual(row?.usage, {
      inputTokens: 100,
      cachedInputTokens: 40,
      outputTokens: 20,
      modelCalls: 1,
      toolCalls: 0,
      costMicroUsd: 1_500,
    })
    assert.equal(row?.servedBy, 'gpt-test-2026')
    assert.equal(row?.steps, 1)
    assert.deepEqual(await transcriptOf(db, run), [
      '0 user Where is my order?',
      '1 assistant Looking.',
      '3 tool There is no tool with this name.',
    ])
    const events = (await eventsOf(db, run)).slice(2)
    assert.deepEqual(
      events.map(({ type, data }) => [type, data]),
      [
        ['model.failed', { step: 1, hop: 0, model: 'gpt-first', code: 'model_overloaded' }],
        [
          'model.completed',
          {
            step: 1,
            hop: 1,
            model: 'gpt-test',
            served_by: 'gpt-test-2026',
            stop: 'tool_calls',
            preview: 'Looking.',
            message_seq: 1,
            tool_calls: [
              { index: 0, call_id: 'call_0', tool: 'get_order', arguments: { order: 0 } },
              {
                index: 1,
                call_id: 'call_1',
                tool: 'made_up',
                arguments: { order: 1 },
                problem: 'tool_unknown',
              },
            ],
            usage: {
              input_tokens: 100,
              cached_input_tokens: 40,
              cache_write_tokens: 0,
              output_tokens: 20,
              reasoning_tokens: 5,
            },
            cost_micro_usd: 1_500,
          },
        ],
      ],
    )
  })

  test('of 20 concurrent answers to one key one is kept and all are given it, and all are paid for', async () => {
    const run = await startRun(db)
    const begins = await Promise.all(Array.from({ length: 20 }, () => begun(db, run)))
    const stored = await Promise.all(
      begins.map((begin, n) =>
        storeModelCall(db, answerTo(run, begin, { message: assistantMessage(`answer ${n}`) })),
      ),
    )
    const decisions = stored.map(({ decision }) => decision)
    const [first] = decisions
    assert.deepEqual(decisions, Array(20).fill(first))
    assert.deepEqual((await transcriptOf(db, run)).at(-1), `1 assistant ${first?.preview}`)
    assert.equal((await findRun(db, 'acme', run.runId))?.usage.modelCalls, 20)
    assert.deepEqual(await eventTypesOf(db, run), ['run.queued', 'run.started', 'model.completed'])
  })

  test('an answer that is stored while a repeated attempt waits for the run is given to it, and not asked for again', {
    skip: name === 'pglite' && 'one connection: nobody waits',
  }, async () => {
    const run = await startRun(db)
    const call = answerTo(run, await begun(db, run))
    const { promise: answered, resolve } = Promise.withResolvers<void>()
    const again = answered.then(() => beginModelCall(db, beginCall(run)))
    await db.transaction(async (tx) => {
      await storeModelCall(tx, call)
      resolve()
      const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
      while ((await tx.query({ text: waiting })).length === 0) await new Promise(setImmediate)
    })
    const begin = await again
    assert.deepEqual('stored' in begin && begin.stored, call.decision)
  })

  test('an unknown price makes the cost unknown for good', async () => {
    const run = await startRun(db)
    const message = assistantMessage('Hm.')
    await storeAnswer(db, modelCall(run, { message, decision: decisionOf(message, { costMicroUsd: null }) }))
    await storeAnswer(db, modelCall(run, { step: 2, seq: 2 }))
    const row = await findRun(db, 'acme', run.runId)
    assert.equal(row?.usage.costMicroUsd, null)
    assert.equal(row?.usage.inputTokens, 200)
    assert.equal(row?.steps, 2)
  })

  test('of messages with one id that come at once, one is added and each of the others learns whether it is the same', async () => {
    const run = await startRun(db)
    const at = { tenant: run.tenant, runId: run.runId, id: 'm1' }
    const texts = Array.from({ length: 20 }, (_, i) => (i % 2 ? 'odd' : 'even'))
    const answers = await Promise.all(texts.map((text) => addInboxMessage(db, { ...at, text, by: 'ann' })))
    const winner = texts[answers.indexOf('added')]
    assert.equal(answers.filter((answer) => answer === 'added').length, 1)
    for (const [i, answer] of answers.entries()) {
      if (answer !== 'added') assert.equal(answer, texts[i] === winner ? 'exists' : 'differs')
    }
  })

  test('added messages are shown after the transcript and stored before the answer, in their order', async () => {
    const run = await startRun(db)
    const at = { tenant: run.tenant, runId: run.runId }
    const second = { id: 'm2', text: 'second', by: 'bob', introduction: 'From bob:' }
    assert.equal(await addInboxMessage(db, { ...at, ...second }), 'added')
    assert.equal(await addInboxMessage(db, { ...at, ...second, by: 'eve' }), 'differs')
    assert.equal(await addInboxMessage(db, { ...at, id: 'm1', text: 'first', by: 'ann' }), 'added')
    assert.equal(await addInboxMessage(db, { ...at, id: 'm1', text: 'first', by: 'ann' }), 'exists')
    assert.equal(await addInboxMessage(db, { ...at, id: 'm1', text: 'other', by: 'ann' }), 'differs')
    assert.equal(
      await addInboxMessage(db, { ...at, tenant: 'stranger', id: 'm3', text: 'x', by: 'ann' }),
      'no_run',
    )

    const inbox = ['m1', 'm2']
    const shown = [
      { role: 'user', text: 'Where is my order?' },
      { role: 'user', text: 'first', by: 'ann' },
      { role: 'user', text: 'second', by: 'bob', introduction: 'From bob:' },
    ]
    assert.deepEqual((await begun(db, run, { seq: 3, inbox })).transcript, shown)
    await storeAnswer(db, modelCall(run, { seq: 3, inbox }))
    // The next link of the chain, asked although this one came in after all, is shown the same.
    assert.deepEqual((await begun(db, run, { hop: 1, seq: 3, inbox })).transcript, shown)
    assert.deepEqual(await transcriptOf(db, run), [
      '0 user Where is my order?',
      '1 user first',
      '2 user second',
      '3 assistant It is on its way.',
    ])
    const received = (await eventsOf(db, run)).filter(({ type }) => type === 'message.received')
    assert.deepEqual(
      received.map(({ data }) => data),
      [
        { message_id: 'm1', message_seq: 1, by: 'ann' },
        { message_id: 'm2', message_seq: 2, by: 'bob' },
      ],
    )
  })

  test('an attempt that was given up cannot push its answer over the one that counts, but is paid for', async () => {
    const run = await startRun(db)
    const early = modelCall(run, { message: assistantMessage('early'), hop: 0 })
    const late = modelCall(run, { message: assistantMessage('late'), hop: 0, step: 2, seq: 2 })
    const counts = modelCall(run, { message: assistantMessage('counts'), hop: 1 })
    const countsNext = modelCall(run, { message: assistantMessage('counts next'), hop: 1, step: 2, seq: 2 })
    // It came in first: the answer that counts takes its place.
    await storeAnswer(db, early)
    await storeAnswer(db, counts)
    // It came in last: its place is taken.
    await storeAnswer(db, countsNext)
    assert.deepEqual(await storeAnswer(db, late), late.decision)
    assert.deepEqual(await transcriptOf(db, run), [
      '0 user Where is my order?',
      '1 assistant counts',
      '2 assistant counts next',
    ])
    assert.equal((await findRun(db, 'acme', run.runId))?.usage.modelCalls, 4)
  })

  test('an answer that comes after the end changes nothing but the books, and no call begins after it', async () => {
    const run = await startRun(db)
    const { attempt } = await begun(db, run)
    await closeRun(db, { run, status: 'cancelled', steps: 0, approvals: [], failedHops: [] })
    const closed = await findRun(db, 'acme', run.runId)
    assert.deepEqual(await beginModelCall(db, beginCall(run)), { runEnded: true })
    const call = modelCall(run, { attempt })
    assert.deepEqual((await storeModelCall(db, call)).decision, call.decision)
    const { usage, budget, ...rest } = (await findRun(db, 'acme', run.runId)) ?? {}
    assert.deepEqual({ ...closed, ...rest }, closed)
    assert.equal(usage?.costMicroUsd, 1_500)
    assert.deepEqual(budget?.spent, { costMicroUsd: 1_500, unknownMicroUsd: 0, tokens: 120, modelCalls: 1 })
    assert.deepEqual(await transcriptOf(db, run), ['0 user Where is my order?'])
    assert.equal((await eventTypesOf(db, run)).at(-1), 'run.cancelled')
  })

  test('the answer that a run is closed with becomes its output', async () => {
    const run = await startRun(db)
    const message = assistantMessage(
      'Line\nwith "quotes", \\u0000 spelled out, 🚚, a real \u0000 and half a \uD83D pair',
    )
    await storeAnswer(db, modelCall(run, { message }))
    await closeRun(db, {
      run,
      status: 'completed',
      steps: 1,
      answer: { seq: 1 },
      approvals: [],
      failedHops: [],
    })
    const expected = 'Line\nwith "quotes", \\u0000 spelled out, 🚚, a real \uFFFD and half a \uFFFD pair'
    assert.equal((await findRun(db, 'acme', run.runId))?.output, expected)
    const last = (await eventsOf(db, run)).at(-1)
    assert.equal(last?.type, 'run.completed')
    assert.equal(last?.data['output'], expected)
    assert.equal((await transcriptOf(db, run)).at(-1), `1 assistant ${expected}`)
  })
})
