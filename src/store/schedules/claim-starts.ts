import type { RunId } from '../../contracts/runs/run.ts'
import type { ScheduledStart, ScheduleId } from '../../contracts/schedules/schedule.ts'
import { SCHEDULES } from '../../policies/operations/schedules.ts'
import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'

/** A start that this process decides about, until its claim ends. */
export interface ClaimedStart extends ScheduledStart {
  readonly tenant: string
  readonly isSuspended: boolean
  /** Time since it was to be made. */
  readonly lateMs: number
}

const OPEN_RUN = `
  select runs.id from schedule_starts as earlier join runs on runs.id = earlier.run_id
  where runs.status in ('queued', 'in_progress', 'requires_action')`

/** Beside the one start that waits for a run to end there is room for no other. */
const SKIP = unprepared(`
  update schedule_starts as later set outcome = 'skipped'
  where later.outcome = 'due' and later.asked_by is null and exists (
    select from schedule_starts as waiting
    where waiting.schedule_id = later.schedule_id and waiting.outcome = 'waiting' and waiting.at < later.at
  )`)

/**
 * Of each schedule the oldest start that is not decided: what is decided about one hangs on the run of the one before. A start that a person
 * asked for waits for nothing.
 */
const CLAIM = unprepared(`
  with first as (
    select distinct on (schedule_id, case when asked_by is null then '' else id end) id, schedule_id, at, outcome, claimed_until
    from schedule_starts where outcome in ('due', 'waiting')
    order by schedule_id, case when asked_by is null then '' else id end, at, id
  ),
  claimed as (
    update schedule_starts set claimed_until = now() + ${SCHEDULES.claimMs} * interval '1 millisecond'
    where outcome in ('due', 'waiting') and coalesce(claimed_until < now(), true) and id in (
      select id from first
      where coalesce(claimed_until < now(), true) and (:id::text is null or id = :id)
        and (outcome = 'due' or not exists (${OPEN_RUN} and earlier.schedule_id = first.schedule_id))
      order by at limit :limit
    )
    returning *
  )
  select claimed.id, claimed.schedule_id as "scheduleId", claimed.at, claimed.asked_by as "askedBy", claimed.outcome, claimed.code,
    claimed.run_id as "runId", schedules.tenant,
    exists (select from tenants where tenants.tenant = schedules.tenant and tenants.suspended_at is not null) as "isSuspended",
    (extract(epoch from now() - claimed.at) * 1000)::bigint as "lateMs"
  from claimed join schedules on schedules.id = claimed.schedule_id
  order by claimed.at`)

const FIND_OPEN_RUNS = unprepared(`${OPEN_RUN} and earlier.schedule_id = :schedule_id`)

/** Claims starts that are to be decided about: those of all schedules, or the one of this id. */
export async function claimStarts(
  db: Db,
  { id = null, limit }: { readonly id?: string | null; readonly limit: number },
): Promise<ClaimedStart[]> {
  await db.query(SKIP.with({}))
  return db.query<ClaimedStart>(CLAIM.with({ id, limit }))
}

/** The runs of a schedule that have not ended. */
export async function findOpenRuns(db: Db, scheduleId: ScheduleId): Promise<RunId[]> {
  const rows = await db.query<{ id: RunId }>(FIND_OPEN_RUNS.with({ schedule_id: scheduleId }))
  return rows.map(({ id }) => id)
}
