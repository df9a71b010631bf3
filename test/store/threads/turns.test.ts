import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import { THREADS } from '../../../src/policies/operations/threads.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { findUnstartedRuns } from '../../../src/store/runs/runs.ts'
import { findOpenRuns } from '../../../src/store/runs/unfinished-runs.ts'
import { cancelWaitingTurn } from '../../../src/store/threads/cancel-turn.ts'
import { findInterruptedTurns } from '../../../src/store/threads/interrupted-turns.ts'
import { resumeTurn } from '../../../src/store/threads/resume-turn.ts'
import { findThread } from '../../../src/store/threads/threads.ts'
import { findStandingThreads, takeNextTurn } from '../../../src/store/threads/turns.ts'
import { forEachDatabase } from '../../support/database.ts'
import { eventsOf, eventTypesOf } from '../support/histories.ts'
import { startRun } from '../support/samples.ts'
import { openThread } from './support/thread-room.ts'

const KEPT = { phase: 'closed' }

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  const identity = (runId: RunId) => ({ runId, tenant: 'acme', principal: 'ann' })

  test('a turn begins at once in a free thread, and waits in a busy one', async () => {
    const room = await openThread(db)
    const first = await room.accepted('One?')
    assert.equal(first.begun?.id, first.run.id)
    assert.equal(first.run.threadSeq, 0)
    const second = await room.accepted('Two?')
    assert.equal(second.begun, null)
    assert.equal(second.run.threadSeq, null)
    assert.equal(await takeNextTurn(db, room.threadId), null)

    await room.end(first.run.id, 'One.')
    const next = await takeNextTurn(db, room.threadId)
    assert.equal(next?.id, second.run.id)
    assert.equal(next?.threadSeq, 2)
    assert.equal(await takeNextTurn(db, room.threadId), null, 'a turn begins once')
    await room.end(second.run.id, 'Two.')
    assert.deepEqual(await room.messages(), ['0 One?', '1 One.', '2 Two?', '3 Two.'])
  })

  test('of many runs at once one begins, and each has a place of its own', async () => {
    const room = await openThread(db)
    const all = await Promise.all(Array.from({ length: 12 }, (_, n) => room.accepted(`Message ${n}`)))
    assert.equal(all.filter(({ begun }) => begun !== null).length, 1)
    const order: string[] = []
    for (let next = all.find(({ begun }) => begun !== null)?.begun ?? null; next !== null; ) {
      order.push(next.id)
      await room.end(next.id, `Answer to ${next.id}`)
      const taken = await Promise.all([1, 2, 3].map(() => takeNextTurn(db, room.threadId)))
      assert.ok(taken.filter((run) => run !== null).length <= 1, 'two callers have begun the same turn')
      next = taken.find((run) => run !== null) ?? null
    }
    assert.deepEqual([...order].sort(), all.map(({ run }) => run.id).sort())
    assert.equal((await room.messages()).length, 24)
  })

  test('a run is accepted once with its key, whatever the thread does meanwhile', async () => {
    const room = await openThread(db)
    const changes = { idempotencyKey: `key-${room.threadId}` }
    const starts = await Promise.all([1, 2, 3].map(() => room.accepted('Once', 'reject', changes)))
    assert.equal(new Set(starts.map(({ run }) => run.id)).size, 1)
    assert.deepEqual(starts.map(({ created }) => created).sort(), [false, false, true])
    assert.equal((await findThread(db, 'acme', room.threadId))?.waiting, 0)
  })

  test('reject is refused in a busy thread, and leaves no run', async () => {
    const room = await openThread(db)
    const first = await room.accepted('One?', 'reject')
    const changes = { idempotencyKey: `key-${room.threadId}` }
    assert.deepEqual(await room.accept('Two?', 'reject', changes), { refused: 'thread_busy' })
    await room.end(first.run.id, 'One.')
    const again = await room.accepted('Two?', 'reject', changes)
    assert.equal(again.created, true)
    assert.equal(again.begun?.id, again.run.id, 'the turn before was taken in on the way')
  })

  test('interrupt takes the turn over and keeps what the one before has left', async () => {
    const room = await openThread(db)
    const first = await room.accepted('One?')
    const waiting = await room.accepted('Two?')
    const third = await room.accepted('Stop, three!', 'interrupt')
    assert.equal(third.interrupted?.id, first.run.id)
    assert.deepEqual(
      third.removed.map(({ run }) => run.id),
      [waiting.run.id],
    )
    assert.equal(third.begun, null, 'the turn in flight has to end first')
    const cancelled = await room.run(waiting.run.id)
    assert.deepEqual([cancelled.status, cancelled.reason], ['cancelled', 'cancel_requested'])
    assert.deepEqual(await eventTypesOf(db, identity(waiting.run.id)), [
      'run.queued',
      'cancel.requested',
      'run.cancelled',
    ])
    assert.deepEqual(await eventTypesOf(db, identity(first.run.id)), ['run.queued', 'cancel.requested'])
    const due = await findInterruptedTurns(db, { olderThanMs: -1_000, limit: 100 })
    assert.ok(
      due.some(({ id }) => id === first.run.id),
      'the sweeper does not know whom to cancel',
    )

    await room.end(first.run.id, undefined, 'cancelled')
    assert.equal((await takeNextTurn(db, room.threadId))?.id, third.run.id)
    await room.end(third.run.id, 'Three.')
    assert.deepEqual(await room.messages(), ['0 One?', '1 Stop, three!', '2 Three.'])
  })

  test('rollback has the messages of the turn in flight leave the thread, however it ends, and an event says so', async () => {
    const room = await openThread(db)
    const before = await room.accepted('Zero?')
    await room.end(before.run.id, 'Zero.')
    const first = await room.accepted('One?')
    const second = await room.accepted('Two?', 'rollback')
    // The cancel comes too late: the run completes.
    await room.end(first.run.id, 'One.')
    assert.equal((await takeNextTurn(db, room.threadId))?.threadSeq, 2)
    await room.end(second.run.id, 'Two.')
    assert.deepEqual(await room.messages(), ['0 Zero?', '1 Zero.', '2 Two?', '3 Two.'])
    const events = await eventsOf(db, identity(first.run.id))
    assert.deepEqual(events.find(({ type }) => type === 'turn.rolled_back')?.data, {
      by: 'ann',
      for_run_id: second.run.id,
    })
  })

  test('a turn that waits is cancelled by leaving the order; one that has begun is not', async () => {
    const room = await openThread(db)
    const first = await room.accepted('One?')
    const second = await room.accepted('Two?')
    const third = await room.accepted('Three?')
    assert.equal(await cancelWaitingTurn(db, first.run, 'ann'), null)
    assert.notEqual(await cancelWaitingTurn(db, second.run, 'ann'), null)
    assert.equal(await cancelWaitingTurn(db, second.run, 'ann'), null)
    assert.equal((await room.run(second.run.id)).status, 'cancelled')
    await room.end(first.run.id, 'One.')
    assert.equal((await takeNextTurn(db, room.threadId))?.id, third.run.id)
  })

  test('only so many turns wait', async () => {
    const room = await openThread(db)
    for (let n = 0; n <= THREADS.waitingTurns; n += 1) await room.accepted(`Message ${n}`)
    assert.deepEqual(await room.accept('One too many'), { refused: 'thread_full' })
    const over = await room.accepted('Never mind', 'interrupt')
    assert.equal(over.removed.length, THREADS.waitingTurns)
  })

  test('nobody starts a turn that waits, and nobody asks Temporal about it', async () => {
    const room = await openThread(db)
    const first = await room.accepted('One?')
    const second = await room.accepted('Two?')
    for (const found of [
      await findUnstartedRuns(db, { olderThanMs: -1_000, except: [], limit: 1_000 }),
      await findOpenRuns(db, { olderThanMs: -1_000, limit: 1_000 }),
    ]) {
      const ids = found.map(({ id }) => id)
      assert.ok(ids.includes(first.run.id))
      assert.ok(!ids.includes(second.run.id))
    }
  })

  test('a thread stands while its turn has ended and nobody has taken the next', async () => {
    const room = await openThread(db)
    const isStanding = async () =>
      (await findStandingThreads(db, 1_000)).some(({ threadId }) => threadId === room.threadId)
    const first = await room.accepted('One?')
    await room.accepted('Two?')
    assert.equal(await isStanding(), false)
    await room.end(first.run.id, 'One.')
    assert.equal(await isStanding(), true)
    await takeNextTurn(db, room.threadId)
    assert.equal(await isStanding(), false)
  })

  test('the last turn of a thread can be resumed, and an earlier one cannot', async () => {
    const room = await openThread(db)
    const stop = async (runId: RunId) => {
      await room.end(runId, 'So far.', 'incomplete')
      await db.query({
        text: `update runs set kept_state = $2, reason = 'budget' where id = $1`,
        values: [runId, JSON.stringify(KEPT)],
      })
    }
    const first = await room.accepted('One?')
    await stop(first.run.id)
    const resume = { id: first.run.id, tenant: 'acme', by: 'ann' } as const
    assert.equal(await resumeTurn(db, room.threadId, resume), true)
    const waiting = await room.accepted('Two?')
    assert.equal(waiting.begun, null, 'the resumed turn is in flight again')
    await stop(first.run.id)
    assert.equal(await resumeTurn(db, room.threadId, resume), false, 'a turn waits')
    assert.equal((await takeNextTurn(db, room.threadId))?.threadSeq, 2)
    await room.end(waiting.run.id, 'Two.')
    assert.equal(await resumeTurn(db, room.threadId, resume), false, 'a later turn was shown it')
    assert.deepEqual(await room.messages(), ['0 One?', '1 So far.', '2 Two?', '3 Two.'])
  })

  test('the end of a turn is notified, and that of a run without a thread is not', async () => {
    const room = await openThread(db)
    const heard: string[] = []
    const told = Promise.withResolvers<void>()
    const stop = await db.listen('holdfast_turn', (payload) => {
      heard.push(payload)
      if (payload === room.threadId) told.resolve()
    })
    const alone = await startRun(db)
    await closeRun(db, { run: alone, status: 'completed', steps: 0, approvals: [], failedHops: [] })
    const first = await room.accepted('One?')
    await room.end(first.run.id, 'One.')
    await told.promise
    await stop()
    assert.deepEqual(heard, [room.threadId])
  })
})
