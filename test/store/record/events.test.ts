import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { SentDelta } from '../../../src/contracts/events/event.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { DELTA_CHANNEL, parseDelta, publishDeltas } from '../../../src/store/record/deltas.ts'
import { EVENT_CHANNEL, listEvents, parseEventNotice } from '../../../src/store/record/events.ts'
import { listMessages, loadTranscript } from '../../../src/store/record/messages.ts'
import { storeToolResult } from '../../../src/store/tools/store-tool-result.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventsOf } from '../support/histories.ts'
import { assistantMessage, modelCall, startRun, storeAnswer, toolResult } from '../support/samples.ts'

test('a payload that is none of ours is no notice and no delta', () => {
  for (const payload of [
    '',
    'run_1',
    'run_1:',
    ':3',
    'run_1:x',
    '{}',
    'null',
    '[]',
    '["run_1","other",1,0,1,0,""]',
  ]) {
    assert.equal(parseEventNotice(payload), null)
    assert.equal(parseDelta(payload), null)
  }
  assert.deepEqual(parseEventNotice('run_1:12'), { runId: 'run_1', lastSeq: 12 })
})

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('every change of a run is notified with its last event', async () => {
    const notices: number[] = []
    const done = Promise.withResolvers<void>()
    let runId: string | undefined
    const stop = await db.listen(EVENT_CHANNEL, (payload) => {
      const notice = parseEventNotice(payload)
      if (notice === null || (runId !== undefined && notice.runId !== runId)) return
      notices.push(notice.lastSeq)
      if (notice.lastSeq === 5) done.resolve()
    })
    const run = await startRun(db)
    runId = run.runId
    const message = assistantMessage('Looking.', ['get_order', 'get_order'])
    await storeAnswer(db, modelCall(run, { message }))
    await storeAnswer(db, modelCall(run, { message }))
    await storeToolResult(db, toolResult(run, 0))
    await storeToolResult(db, toolResult(run, 1))
    await done.promise
    assert.deepEqual(notices, [1, 2, 3, 4, 5])
    await stop()
  })

  test('events and messages page without gaps or repeats, and only for their tenant', async () => {
    const run = await startRun(db, {
      input: Array.from({ length: 5 }, (_, n) => ({ role: 'user', text: `m${n}` })),
    })
    const message = assistantMessage('Looking.', Array(4).fill('get_order'))
    await storeAnswer(db, modelCall(run, { message, seq: 5 }))
    for (const index of [0, 1, 2, 3]) await storeToolResult(db, toolResult(run, index, { seq: 6 + index }))

    const all = await eventsOf(db, run)
    const at = { tenant: run.tenant, runId: run.runId, limit: 3 }
    const events = [
      ...(await listEvents(db, { ...at, after: 0 })),
      ...(await listEvents(db, { ...at, after: 3 })),
      ...(await listEvents(db, { ...at, after: 6 })),
    ]
    assert.deepEqual(events, all)
    assert.equal(events.length, 7)

    const transcript = await loadTranscript(db, run.tenant, run.runId)
    const messages = [
      ...(await listMessages(db, at)).rows,
      ...(await listMessages(db, { ...at, after: 2 })).rows,
      ...(await listMessages(db, { ...at, after: 5, limit: 100 })).rows,
    ]
    assert.deepEqual(messages, transcript)
    assert.equal(messages.length, 10)

    assert.deepEqual(await listEvents(db, { ...at, tenant: 'stranger', after: 0 }), [])
    assert.deepEqual((await listMessages(db, { ...at, tenant: 'stranger' })).rows, [])
    assert.deepEqual(await loadTranscript(db, 'stranger', run.runId), [])
  })

  test('deltas arrive in order and whole, however long and odd their text', async () => {
    const texts = [
      '',
      'Hello',
      '🚚'.repeat(5_000),
      'same '.repeat(4_000),
      '\u0001'.repeat(3_000),
      '"\\\n\u0000end',
    ]
    const heard: SentDelta[] = []
    const done = Promise.withResolvers<void>()
    const stop = await db.listen(DELTA_CHANNEL, (payload) => {
      const delta = parseDelta(payload)
      assert.ok(delta)
      heard.push(delta)
      if (delta.text.endsWith('end')) done.resolve()
    })
    const at = { runId: 'run_1', step: 1, hop: 0, attempt: 2 } as const
    let sent = 0
    for (const text of texts) {
      await publishDeltas(db, [
        { ...at, type: text === '' ? 'model.started' : 'model.delta', at: sent, text },
      ])
      sent += text.length
    }
    await done.promise
    await stop()
    assert.deepEqual(heard[0], { ...at, type: 'model.started', at: 0, text: '' })
    // Each part says where it belongs.
    for (const [place, part] of heard.entries()) {
      assert.equal(
        part.at,
        heard.slice(0, place).reduce((sum, { text }) => sum + text.length, 0),
      )
    }
    assert.equal(heard.map((delta) => delta.text).join(''), texts.join(''))
  })
})
