import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MockActivityEnvironment } from '@temporalio/testing'
import { createDeltaPublisher } from '../../../src/activities/models/delta-publisher.ts'
import type { Delta } from '../../../src/contracts/event.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { parseDelta } from '../../../src/store/record/deltas.ts'
import { testLogger } from '../../support/test-runtime.ts'

const RUN = { runId: 'run_1', tenant: 'default', principal: 'ann' } as const

/** What readers hear of a call that does this. `answer` is the store's, for each sending. */
async function heardOf(
  call: (progress: (delta: string) => void) => Promise<void>,
  answer: () => Promise<void> = async () => undefined,
): Promise<Delta[]> {
  const heard: Delta[] = []
  const query: Database['query'] = async ({ values = [] }) => {
    const sent = (values[0] as string[]).map(parseDelta)
    await answer()
    heard.push(...sent.filter((delta) => delta !== null))
    return []
  }
  const database = { query } as unknown as Database
  await new MockActivityEnvironment().run(async () => {
    const signs = createDeltaPublisher(
      { run: RUN, step: 1, hop: 0, attempt: 1 },
      { database, logger: testLogger },
    )
    await call(signs.progress)
    await signs.stop()
  })
  return heard
}

const textOf = (heard: readonly Delta[]) => heard.map(({ text }) => text).join('')

test('an answer that is over at once is heard whole, after word that it has begun', async () => {
  const heard = await heardOf(async (progress) => {
    progress('It is ')
    progress('on its way.')
  })
  assert.deepEqual(
    heard.map(({ type, text }) => [type, text]),
    [
      ['model.started', ''],
      ['model.delta', 'It is on its way.'],
    ],
  )
})

test('a call that is over at once and has said nothing costs the store nothing', async () => {
  assert.deepEqual(await heardOf(async (progress) => progress('')), [])
})

test('words that come while the store is slow are sent together, and the last ones too', async () => {
  const asked = Promise.withResolvers<void>()
  const slow = Promise.withResolvers<void>()
  let sendings = 0
  const heard = await heardOf(
    async (progress) => {
      progress('first ')
      await asked.promise
      for (const word of ['and ', 'then ', 'the ', 'last']) progress(word)
      slow.resolve()
    },
    async () => {
      sendings += 1
      asked.resolve()
      await slow.promise
    },
  )
  assert.equal(textOf(heard), 'first and then the last')
  assert.equal(sendings, 2)
})

test('a store that is away costs the answer nothing but its readers', async () => {
  const heard = await heardOf(
    async (progress) => progress('unheard'),
    () => Promise.reject(new Error('away')),
  )
  assert.deepEqual(heard, [])
})
