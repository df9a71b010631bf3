import type { Schedule } from '../../contracts/schedules/schedule.ts'
import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'
import { SCHEDULE_COLUMNS } from './schedules.ts'

/** A schedule that was changed since Temporal was last told. */
export interface UnsetSchedule {
  readonly schedule: Schedule
  readonly revision: number
  readonly deleted: boolean
}

const FIND = unprepared(`
  select ${SCHEDULE_COLUMNS}, revision, deleted_at is not null as deleted from schedules
  where revision <> set_revision and (:id::text is null or id = :id)
  order by updated_at limit :limit`)

const MARK = unprepared(
  'update schedules set set_revision = :revision where id = :id and set_revision < :revision',
)

const FORGET = unprepared('delete from schedules where id = :id and deleted_at is not null')

/** Those of all tenants, or the one of this id. */
export async function findUnsetSchedules(
  db: Db,
  { id = null, limit }: { readonly id?: string | null; readonly limit: number },
): Promise<UnsetSchedule[]> {
  const rows = await db.query<Schedule & Omit<UnsetSchedule, 'schedule'>>(FIND.with({ id, limit }))
  return rows.map(({ revision, deleted, ...schedule }) => ({ schedule, revision, deleted }))
}

/** Notes that Temporal has the schedule as it was at this revision; of a deleted one, that it is gone there too. */
export async function markSet(db: Db, { schedule: { id }, revision, deleted }: UnsetSchedule): Promise<void> {
  await db.query(deleted ? FORGET.with({ id }) : MARK.with({ id, revision }))
}
