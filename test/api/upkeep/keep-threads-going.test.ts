import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pino from 'pino'
import { createRunWorkflows } from '../../../src/api/temporal/run-workflows.ts'
import { keepThreadsGoingJob } from '../../../src/api/upkeep/keep-threads-going.ts'
import { openThread } from '../../store/threads/support/thread-room.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'

/* What the sweeper does where nobody has heard that a turn has ended, or a process has died before it cancelled one. */

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

async function sweep() {
  const { client, starts, cancels } = recordingTemporal()
  const workflows = createRunWorkflows(client, 'test')
  const logger = pino({ level: 'silent' })
  await keepThreadsGoingJob({ database: store.database, workflows, logger })(new AbortController().signal)
  return { starts: starts.map(({ memo }) => memo?.['runId']), cancels }
}

test('the next turn begins though its notification was lost, and begins once', async () => {
  const room = await openThread(store.database)
  const first = await room.accepted('One?')
  const second = await room.accepted('Two?')
  assert.deepEqual(await sweep(), { starts: [], cancels: [] })
  await room.end(first.run.id, 'One.')
  assert.deepEqual(await sweep(), { starts: [second.run.id], cancels: [] })
  assert.deepEqual(await sweep(), { starts: [], cancels: [] })
})

test('a thread whose last turn is over is settled, and then left alone', async () => {
  const room = await openThread(store.database)
  const { run } = await room.accepted('One?')
  await room.end(run.id, 'One.')
  await sweep()
  const [turn] = await store.database.query<{ messages: number }>({
    text: 'select messages from thread_turns where thread_id = $1',
    values: [room.threadId],
  })
  assert.equal(turn?.messages, 2)
})

test('a turn that is to end is cancelled again, until it has ended', async () => {
  const room = await openThread(store.database)
  const first = await room.accepted('One?')
  const second = await room.accepted('Stop!', 'interrupt')
  assert.deepEqual((await sweep()).cancels, [], 'whoever has accepted it has some seconds to do so')
  await store.database.query({
    text: `update thread_turns set interrupted_at = now() - interval '1 minute' where thread_id = $1 and run_id = $2`,
    values: [room.threadId, first.run.id],
  })
  assert.deepEqual((await sweep()).cancels, [first.run.workflowId])
  await room.end(first.run.id, undefined, 'cancelled')
  assert.deepEqual(await sweep(), { starts: [second.run.id], cancels: [] })
})
