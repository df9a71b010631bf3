import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { ScheduleId, StartOutcome } from '../../../src/contracts/schedules/schedule.ts'
import { SCHEDULES } from '../../../src/policies/operations/schedules.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { claimStarts, findOpenRuns } from '../../../src/store/schedules/claim-starts.ts'
import {
  askForStart,
  dropOldStarts,
  findStart,
  listStarts,
  noteDueStart,
  settleStart,
} from '../../../src/store/schedules/scheduled-starts.ts'
import {
  deleteSchedule,
  insertSchedule,
  pauseSchedule,
  resumeSchedule,
  stopSchedule,
} from '../../../src/store/schedules/schedules.ts'
import { findUnsetSchedules, markSet } from '../../../src/store/schedules/unset-schedules.ts'
import { forEachDatabase } from '../../support/database.ts'
import { startRun } from '../support/samples.ts'

const HOUR = 3_600_000
const ago = (ms: number) => new Date(Date.now() - ms).toISOString()
let count = 0

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  async function putSchedule(changes: { tenant?: string; key?: string } = {}) {
    count += 1
    const id: ScheduleId = `sch_${String(count).padStart(26, '0')}`
    const inserted = await insertSchedule(db, {
      id,
      tenant: changes.tenant ?? 'acme',
      principal: 'ann',
      keyId: 'key',
      createdBy: { type: 'key', id: 'key', principal: 'ann' },
      timing: { type: 'interval', everyMs: HOUR, offsetMs: 0 },
      start: { agent: 'support', input: 'x' },
      overlap: 'skip',
      catchUpMs: HOUR,
      idempotencyKey: changes.key ?? null,
      requestSha256: 'a',
    })
    assert.ok(inserted !== 'full')
    return inserted.schedule
  }

  const claimed = async (scheduleId: ScheduleId) =>
    (await claimStarts(db, { limit: 100 })).filter((start) => start.scheduleId === scheduleId)
  const outcomes = async (scheduleId: ScheduleId): Promise<StartOutcome[]> =>
    (await listStarts(db, { scheduleId, limit: 100 })).map(({ outcome }) => outcome).reverse()

  test('a time is noted once, and claimed by one of many at a time', async () => {
    const { id } = await putSchedule()
    const at = ago(5_000)
    for (let again = 0; again < 3; again += 1) await noteDueStart(db, { scheduleId: id, at })
    const claims = await Promise.all(Array.from({ length: 5 }, () => claimed(id)))
    assert.equal(claims.flat().length, 1)
    const [start] = claims.flat()
    assert.ok(start && start.lateMs >= 5_000)
    assert.deepEqual([start.tenant, start.at, start.outcome, start.askedBy], ['acme', at, 'due', null])
  })

  test('a claim ends with its process: the start is claimed again after a while', async () => {
    const { id } = await putSchedule()
    await noteDueStart(db, { scheduleId: id, at: ago(1_000) })
    const [start] = await claimed(id)
    assert.ok(start)
    assert.deepEqual(await claimed(id), [])
    await db.query({
      text: `update schedule_starts set claimed_until = claimed_until - $2 * interval '1 millisecond' where id = $1`,
      values: [start.id, SCHEDULES.claimMs],
    })
    assert.deepEqual(
      (await claimed(id)).map((again) => again.id),
      [start.id],
    )
  })

  test('starts of a schedule are decided one after the other, the oldest first; one asked for waits for none', async () => {
    const { id } = await putSchedule()
    const [early, late] = [ago(20_000), ago(10_000)]
    await noteDueStart(db, { scheduleId: id, at: late })
    await noteDueStart(db, { scheduleId: id, at: early })
    await askForStart(db, { id: `${id}_now`, scheduleId: id, askedBy: 'bob' })
    const first = await claimed(id)
    assert.deepEqual(
      first.map(({ at, askedBy }) => askedBy ?? at),
      [early, 'bob'],
    )
    for (const start of first) await settleStart(db, start.id, { outcome: 'skipped' })
    assert.deepEqual(
      (await claimed(id)).map(({ at }) => at),
      [late],
    )
  })

  test('a start waits for the run before it to end, and later ones are left out meanwhile', async () => {
    const { id } = await putSchedule()
    const { runId } = await startRun(db)
    const times = [ago(40_000), ago(30_000), ago(20_000)] as const
    await noteDueStart(db, { scheduleId: id, at: times[0] })
    const [first] = await claimed(id)
    assert.ok(first)
    await settleStart(db, first.id, { outcome: 'started', runId })
    assert.deepEqual(await findOpenRuns(db, id), [runId])

    for (const at of times.slice(1)) await noteDueStart(db, { scheduleId: id, at })
    const [second] = await claimed(id)
    assert.ok(second)
    await settleStart(db, second.id, { outcome: 'waiting' })
    assert.deepEqual(await claimed(id), [])
    assert.deepEqual(await outcomes(id), ['started', 'waiting', 'skipped'])

    await db.query({ text: `update runs set status = 'completed' where id = $1`, values: [runId] })
    assert.deepEqual(
      (await claimed(id)).map((start) => [start.id, start.outcome]),
      [[second.id, 'waiting']],
    )
  })

  test('what is decided about a start is not decided again', async () => {
    const { id } = await putSchedule()
    await noteDueStart(db, { scheduleId: id, at: ago(1_000) })
    const [start] = await claimed(id)
    assert.ok(start)
    await settleStart(db, start.id, { outcome: 'missed' })
    await settleStart(db, start.id, { outcome: 'refused', code: 'forbidden' })
    assert.equal((await findStart(db, start.id))?.outcome, 'missed')
  })

  test('no time is noted of a schedule that is paused, stopped or deleted, nor one ahead of the clock', async () => {
    const schedule = await putSchedule()
    const { id, tenant } = schedule
    const note = (at: string) => noteDueStart(db, { scheduleId: id, at })
    await note(ago(-SCHEDULES.clockSkewMs * 2))
    await pauseSchedule(db, tenant, id, null)
    await note(ago(4_000))
    await resumeSchedule(db, tenant, id, { principal: 'ann', keyId: 'other', by: null })
    await stopSchedule(db, schedule)
    assert.deepEqual(await outcomes(id), [])
    // It has another key by now, so it was not stopped for the old one.
    await note(ago(3_000))
    assert.deepEqual(await outcomes(id), ['due'])
    await stopSchedule(db, { ...schedule, keyId: 'other' })
    await note(ago(2_000))
    assert.deepEqual(await outcomes(id), ['due'])
    await deleteSchedule(db, tenant, id)
    await note(ago(1_000))
    assert.deepEqual(await outcomes(id), [])
  })

  test('a schedule that is changed is to be set in Temporal until its last change is', async () => {
    const { id, tenant } = await putSchedule()
    const unset = async () => (await findUnsetSchedules(db, { id, limit: 10 }))[0]
    const created = await unset()
    assert.ok(created)
    await pauseSchedule(db, tenant, id, null)
    await markSet(db, created)
    const paused = await unset()
    assert.deepEqual([paused?.revision, paused?.deleted], [2, false])
    assert.ok(paused)
    await markSet(db, paused)
    assert.equal(await unset(), undefined)

    await deleteSchedule(db, tenant, id)
    const deleted = await unset()
    assert.equal(deleted?.deleted, true)
    assert.ok(deleted)
    await markSet(db, deleted)
    assert.equal(await unset(), undefined)
  })

  test('a tenant has a bounded number of schedules, and a repeated request is given the first', async () => {
    const tenant = 'full'
    const first = await putSchedule({ tenant, key: 'k' })
    for (let more = 1; more < SCHEDULES.mostOfTenant; more += 1) await putSchedule({ tenant })
    const again = await putSchedule({ tenant, key: 'k' })
    assert.equal(again.id, first.id)
    await assert.rejects(putSchedule({ tenant }))
  })

  test('starts that are decided are removed when they are old', async () => {
    const { id } = await putSchedule()
    for (const at of [ago(SCHEDULES.keepStartsMs + HOUR), ago(HOUR)])
      await noteDueStart(db, { scheduleId: id, at })
    const [old] = await claimed(id)
    assert.ok(old)
    await dropOldStarts(db)
    assert.equal((await outcomes(id)).length, 2)
    await settleStart(db, old.id, { outcome: 'missed' })
    await dropOldStarts(db)
    assert.deepEqual(await outcomes(id), ['due'])
  })
})
