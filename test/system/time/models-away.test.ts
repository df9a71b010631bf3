import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { listEvents } from '../../../src/store/record/events.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { type AgentRun, runState } from '../../../src/workflows/agent-run.messages.ts'
import { notesOf } from '../../support/office/effects.ts'
import { noteAndRepeat } from '../../support/office/scripts.ts'
import { clerkPlan } from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { startPlan } from '../../support/start-plan.ts'
import { startWorker } from '../../support/start-worker.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import {
  skipWithoutTimeSkipping,
  startTimeSkipping,
  type TimeSkippingEnvironment,
} from '../../support/time-skipping-server.ts'

const MINUTE_MS = 60_000
const REFUSED = { fault: { status: 401, body: { error: { message: 'no' } } } }

describe('providers that are away for ten minutes', { skip: skipWithoutTimeSkipping() }, () => {
  let temporal: TimeSkippingEnvironment
  let store: TestDatabase
  let away = true
  let cleanup: AsyncDisposableStack | null = null

  before(async () => {
    await using opened = new AsyncDisposableStack()
    temporal = await startTimeSkipping()
    opened.defer(() => temporal.close())
    store = await openPgliteTestDatabase()
    opened.defer(() => store.close())
    const worker = await startWorker(temporal, store.database, {
      script: (request) =>
        away && request.messages.some(({ role }) => role === 'tool') ? REFUSED : noteAndRepeat(request),
    })
    opened.defer(() => worker.stop())
    cleanup = opened.move()
  })
  after(() => cleanup?.disposeAsync())

  test('a run that has done something waits for them on its own, and does it once', async () => {
    const { runId, workflowId } = await startPlan(store.database, temporal, clerkPlan(), 'A note, please.')
    const handle = temporal.client.workflow.getHandle<AgentRun>(workflowId)
    const typesOf = async () =>
      (await listEvents(store.database, { tenant: 'default', runId, after: 0, limit: 1_000 })).map(
        ({ type }) => type,
      )
    for (const end = Date.now() + 60_000; !(await typesOf()).includes('models.away'); await delay(20)) {
      assert.ok(Date.now() < end, 'the run does not wait')
    }
    const waiting = await findRun(store.database, 'default', runId)
    assert.equal(waiting?.status, 'in_progress')
    assert.ok(waiting.waitingFor?.type === 'models')
    const { since, until } = waiting.waitingFor
    assert.equal(Date.parse(until) - Date.parse(since), 14_400_000)

    const before = await handle.query(runState)
    await temporal.pass(10 * MINUTE_MS)
    const { models: tried, clock } = await handle.query(runState)
    // The spacing grows to at most two minutes and at least one.
    assert.ok(tried.tries >= 6 && tried.tries <= 16, `${tried.tries} tries`)
    assert.equal(clock.spentMs, before.clock.spentMs)

    away = false
    await temporal.pass(2 * MINUTE_MS)
    await handle.result()
    const run = await findRun(store.database, 'default', runId)
    assert.deepEqual([run?.status, run?.waitingFor], ['completed', null])
    assert.equal((await notesOf(store.database, runId)).length, 1)
    const told = (await typesOf()).filter((type) => type.startsWith('models.'))
    assert.deepEqual(told, ['models.away', 'models.returned'])
  })
})
