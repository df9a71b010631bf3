import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { MockActivityEnvironment } from '@temporalio/testing'
import { NO_READERS, type RunReaders } from '../../../src/activities/events/run-readers.ts'
import { createDeltaPublisher, type DeltaPublisher } from '../../../src/activities/models/delta-publisher.ts'
import type { SentDelta } from '../../../src/contracts/events/event.ts'
import { STREAMING } from '../../../src/policies/models/streaming.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { parseDelta } from '../../../src/store/record/deltas.ts'
import { testLogger } from '../../support/test-runtime.ts'

const RUN = { runId: 'run_1', tenant: 'default', principal: 'ann' } as const

/** Readers who come when the test says so. */
function someReaders(present: boolean) {
  let isThere = present
  let onNew: () => void = () => undefined
  const readers: RunReaders = {
    areThere: () => isThere,
    watch(_, callback) {
      onNew = callback
      return () => {
        onNew = () => undefined
      }
    },
  }
  return {
    readers,
    come() {
      isThere = true
      onNew()
    },
    leave() {
      isThere = false
    },
  }
}

/** What is sent of a call that does this, one list for each statement. `answer` is the store's, for each statement. */
async function sentBy(
  call: (publisher: DeltaPublisher, sent: readonly SentDelta[][]) => Promise<void>,
  readers: RunReaders = someReaders(true).readers,
  answer: () => Promise<void> = async () => undefined,
): Promise<SentDelta[][]> {
  const sent: SentDelta[][] = []
  const query: Database['query'] = async ({ values = [] }) => {
    sent.push((values[0] as string[]).map(parseDelta).filter((delta) => delta !== null))
    await answer()
    return []
  }
  const database = { query } as unknown as Database
  await new MockActivityEnvironment().run(async () => {
    const about = { run: RUN, step: 1, hop: 0, attempt: 1 }
    const publisher = createDeltaPublisher(about, { database, logger: testLogger, readers })
    await call(publisher, sent)
    await publisher.stop()
  })
  return sent
}

const told = (sent: readonly SentDelta[][]) => sent.flat().map(({ type, at, text }) => [type, at, text])
const textOf = (sent: readonly SentDelta[][]) =>
  sent.flat().reduce((all, { at, text }) => all.slice(0, at) + text, '')

test('an attempt announces itself before it has any text, and says when no more comes', async () => {
  const sent = await sentBy(async ({ progress }) => {
    progress('It is ')
    progress('on its way.')
  })
  assert.deepEqual(told(sent), [
    ['model.started', 0, ''],
    ['model.delta', 0, 'It is on its way.'],
    ['model.ended', 17, ''],
  ])
})

test('without a reader nothing is sent', async () => {
  const sent = await sentBy(async ({ progress }) => {
    progress('unheard')
    await delay(2 * STREAMING.gatherMs)
    progress(', too')
  }, NO_READERS)
  assert.deepEqual(sent, [])
})

test('the first piece leaves at once, and those that come soon after it leave together', async (t) => {
  // A clock that stands still: on a busy machine a test may take longer than pieces are gathered.
  let nowMs = 1_000
  t.mock.method(performance, 'now', () => nowMs)
  const sent = await sentBy(async ({ progress }, statements) => {
    nowMs += STREAMING.gatherMs
    await delay(0)
    progress('first ')
    assert.equal(statements.length, 2)
    // Until its statement has come back.
    await delay(0)
    for (const word of ['and ', 'then ', 'the ']) progress(word)
    assert.equal(statements.length, 2)
    while (statements.length < 3) await delay(1)
    nowMs += STREAMING.gatherMs
    await delay(0)
    progress('last')
    assert.equal(statements.length, 4)
  })
  assert.deepEqual(told(sent.slice(1)), [
    ['model.delta', 0, 'first '],
    ['model.delta', 6, 'and then the '],
    ['model.delta', 19, 'last'],
    ['model.ended', 23, ''],
  ])
})

test('a reader who comes in the middle gets the text so far, then the rest', async () => {
  const { readers, come } = someReaders(false)
  const sent = await sentBy(async ({ progress }, statements) => {
    progress('Once ')
    progress('upon ')
    assert.equal(statements.length, 0)
    come()
    assert.equal(statements.length, 1)
    progress('a time')
  }, readers)
  assert.deepEqual(told(sent), [
    ['model.started', 0, ''],
    ['model.delta', 0, 'Once upon '],
    ['model.delta', 10, 'a time'],
    ['model.ended', 16, ''],
  ])
})

test('another reader gets the text again, and readers who leave end the sending', async () => {
  const { readers, come, leave } = someReaders(true)
  const sent = await sentBy(async ({ progress }, statements) => {
    progress('Once upon ')
    while (statements.length < 2) await delay(1)
    come()
    while (statements.length < 3) await delay(1)
    leave()
    progress('a time')
    await delay(2 * STREAMING.gatherMs)
  }, readers)
  assert.deepEqual(told(sent), [
    ['model.started', 0, ''],
    ['model.delta', 0, 'Once upon '],
    ['model.delta', 0, 'Once upon '],
  ])
})

test('words that come while the store is slow are sent together, and the last ones too', async () => {
  const slow = Promise.withResolvers<void>()
  let isSlow = true
  const sent = await sentBy(
    async ({ progress }) => {
      for (const word of ['first ', 'and ', 'then ', 'the ', 'last']) progress(word)
      await delay(2 * STREAMING.gatherMs)
      isSlow = false
      slow.resolve()
    },
    undefined,
    () => (isSlow ? slow.promise : Promise.resolve()),
  )
  assert.equal(textOf(sent), 'first and then the last')
  assert.equal(sent.length, 2)
})

test('a store that is away costs the answer nothing but its readers', async () => {
  await sentBy(
    async ({ progress }) => progress('unheard'),
    undefined,
    () => Promise.reject(new Error('away')),
  )
})
