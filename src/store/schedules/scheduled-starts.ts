import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import type {
  NoteDueStartInput,
  ScheduledStart,
  ScheduleId,
  StartOutcome,
} from '../../contracts/schedules/schedule.ts'
import { SCHEDULES } from '../../policies/operations/schedules.ts'
import type { Db } from '../database/database.ts'
import { equalTo, newestFirst } from '../database/page.ts'
import { unprepared } from '../database/statement.ts'

const COLUMNS = `
  id, schedule_id as "scheduleId", at, asked_by as "askedBy", outcome, code, run_id as "runId"`

const NOTE = unprepared(`
  insert into schedule_starts (id, schedule_id, at)
  select :id, id, :at from schedules
  where id = :schedule_id and deleted_at is null and paused_at is null and stopped_at is null
    and :at::timestamptz < now() + ${SCHEDULES.clockSkewMs} * interval '1 millisecond'
  on conflict do nothing`)

const ASK = unprepared(`
  insert into schedule_starts (id, schedule_id, at, asked_by)
  values (:id, :schedule_id, now(), :asked_by)
  on conflict do nothing`)

const FIND = unprepared(`select ${COLUMNS} from schedule_starts where id = :id`)

const SETTLE = unprepared(`
  update schedule_starts set outcome = :outcome, code = :code, run_id = :run_id, claimed_until = null
  where id = :id and outcome in ('due', 'waiting')`)

const DROP = unprepared(`
  delete from schedule_starts
  where at < now() - ${SCHEDULES.keepStartsMs} * interval '1 millisecond' and outcome not in ('due', 'waiting')`)

/**
 * Notes that a schedule's time has come; again, that changes nothing. A schedule that is deleted, paused or stopped has no times, and a time
 * ahead of the clock is none.
 */
export async function noteDueStart(db: Db, { scheduleId, at }: NoteDueStartInput): Promise<void> {
  await db.query(NOTE.with({ id: `${scheduleId}_${Date.parse(at)}`, schedule_id: scheduleId, at }))
}

/** Notes that somebody wants a run now. */
export async function askForStart(
  db: Db,
  start: { readonly id: string; readonly scheduleId: ScheduleId; readonly askedBy: string },
): Promise<void> {
  await db.query(ASK.with({ id: start.id, schedule_id: start.scheduleId, asked_by: start.askedBy }))
}

export async function findStart(db: Db, id: string): Promise<ScheduledStart | null> {
  const [start] = await db.query<ScheduledStart>(FIND.with({ id }))
  return start ?? null
}

export interface Settled {
  readonly outcome: StartOutcome
  readonly code?: ErrorCode
  readonly runId?: RunId
}

/** Records what is decided about a start, and ends its claim. A final outcome stays. */
export async function settleStart(db: Db, id: string, { outcome, code, runId }: Settled): Promise<void> {
  await db.query(SETTLE.with({ id, outcome, code: code ?? null, run_id: runId ?? null }))
}

/** Of one schedule, newest first: one more than `limit`, where there is one. */
export async function listStarts(
  db: Db,
  {
    scheduleId,
    before,
    limit,
  }: {
    readonly scheduleId: ScheduleId
    readonly before?: { readonly at: string; readonly id: string }
    readonly limit: number
  },
): Promise<ScheduledStart[]> {
  const { where, order, values } = newestFirst({
    timeColumn: 'at',
    filters: [equalTo({ schedule_id: scheduleId })],
    before: before && [before.at, before.id],
  })
  const list = `select ${COLUMNS} from schedule_starts where ${where} order by ${order} limit :limit`
  return db.query<ScheduledStart>(unprepared(list).with({ ...values, limit: limit + 1 }))
}

/** Removes starts that are kept no longer. */
export async function dropOldStarts(db: Db): Promise<void> {
  await db.query(DROP.with({}))
}
