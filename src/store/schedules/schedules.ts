import type { RecordedCredential } from '../../contracts/access/credential.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { Overlap, Schedule, ScheduleId, Timing } from '../../contracts/schedules/schedule.ts'
import { SCHEDULES } from '../../policies/operations/schedules.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { unprepared } from '../database/statement.ts'

export interface NewSchedule {
  readonly id: ScheduleId
  readonly tenant: string
  readonly principal: string
  readonly keyId: string | null
  readonly createdBy: RecordedCredential | null
  readonly timing: Timing
  readonly start: JsonObject
  readonly overlap: Overlap
  readonly catchUpMs: number
  readonly idempotencyKey: string | null
  readonly requestSha256: string
}

export const SCHEDULE_COLUMNS = `
  id, tenant, principal, key_id as "keyId", timing, start, overlap, catch_up_ms as "catchUpMs", paused_at as "pausedAt",
  stopped_at as "stoppedAt", created_by as "createdBy", created_at as "createdAt", updated_by as "updatedBy", updated_at as "updatedAt"`

const INSERT = unprepared(`
  insert into schedules (
    id, tenant, principal, key_id, created_by, timing, start, overlap, catch_up_ms, idempotency_key, request_sha256
  )
  select :id, :tenant, :principal, :key_id, :created_by::jsonb, :timing, :start, :overlap, :catch_up_ms, :idempotency_key, :request_sha256
  where (select count(*) from schedules where tenant = :tenant and deleted_at is null) < ${SCHEDULES.mostOfTenant}
  on conflict do nothing
  returning ${SCHEDULE_COLUMNS}`)

const FIND_BY_KEY = unprepared(`
  select ${SCHEDULE_COLUMNS}, request_sha256 as "requestSha256" from schedules
  where tenant = :tenant and principal = :principal and idempotency_key = :idempotency_key and deleted_at is null`)

const FIND = unprepared(
  `select ${SCHEDULE_COLUMNS} from schedules where id = :id and tenant = :tenant and deleted_at is null`,
)

const LIST = unprepared(`
  select ${SCHEDULE_COLUMNS} from schedules
  where tenant = :tenant and deleted_at is null and (:only_of::text is null or principal = :only_of)
  order by created_at desc, id desc`)

const CHANGED = 'revision = revision + 1, updated_at = now()'
/** Takes `:by`, the credential of the request. */
const CHANGED_BY = `${CHANGED}, updated_by = :by::jsonb`

const CHANGE = unprepared(`
  update schedules set
    timing = coalesce(:timing::json, timing), start = coalesce(:start::json, start),
    overlap = coalesce(:overlap, overlap), catch_up_ms = coalesce(:catch_up_ms::bigint, catch_up_ms), ${CHANGED_BY}
  where id = :id and tenant = :tenant and deleted_at is null
  returning ${SCHEDULE_COLUMNS}`)

const PAUSE = unprepared(`
  update schedules set paused_at = coalesce(paused_at, now()), ${CHANGED_BY}
  where id = :id and tenant = :tenant and deleted_at is null
  returning ${SCHEDULE_COLUMNS}`)

const RESUME = unprepared(`
  update schedules set paused_at = null,
    stopped_at = case when principal = :principal then null else stopped_at end,
    key_id = case when principal = :principal then :key_id else key_id end, ${CHANGED_BY}
  where id = :id and tenant = :tenant and deleted_at is null
  returning ${SCHEDULE_COLUMNS}`)

const STOP = unprepared(`
  update schedules set stopped_at = now(), ${CHANGED}
  where id = :id and key_id is not distinct from :key_id and stopped_at is null and deleted_at is null`)

const DELETE = unprepared(`
  with deleted as (
    update schedules set deleted_at = now(), idempotency_key = null, ${CHANGED}
    where id = :id and tenant = :tenant and deleted_at is null
    returning id
  )
  delete from schedule_starts where schedule_id in (select id from deleted)`)

/** `full`: the tenant has as many schedules as it may have. A repeated request is given the schedule of the first. */
export async function insertSchedule(
  db: Db,
  schedule: NewSchedule,
): Promise<{ schedule: Schedule; created: boolean; requestSha256: string } | 'full'> {
  const { id, tenant, principal, keyId, createdBy, timing, start, overlap, catchUpMs } = schedule
  const { idempotencyKey, requestSha256 } = schedule
  const owner = { tenant, principal, idempotency_key: idempotencyKey }
  const [created] = await db.query<Schedule>(
    INSERT.with({
      ...owner,
      id,
      key_id: keyId,
      created_by: createdBy && storableJson(createdBy),
      timing: storableJson(timing),
      start: storableJson(start),
      overlap,
      catch_up_ms: catchUpMs,
      request_sha256: requestSha256,
    }),
  )
  if (created !== undefined) return { schedule: created, created: true, requestSha256 }
  const [row] = await db.query<Schedule & { requestSha256: string }>(FIND_BY_KEY.with(owner))
  if (row === undefined) return 'full'
  const { requestSha256: firstSha256, ...first } = row
  return { schedule: first, created: false, requestSha256: firstSha256 }
}

export async function findSchedule(db: Db, tenant: string, id: string): Promise<Schedule | null> {
  return first(await db.query<Schedule>(FIND.with({ id, tenant })))
}

/** Newest first: all of a tenant, or those of one principal. */
export async function listSchedules(db: Db, tenant: string, onlyOf: string | null): Promise<Schedule[]> {
  return db.query<Schedule>(LIST.with({ tenant, only_of: onlyOf }))
}

export interface ScheduleChange {
  readonly timing?: Timing
  readonly start?: JsonObject
  readonly overlap?: Overlap
  readonly catchUpMs?: number
  readonly by: RecordedCredential | null
}

/** null where the tenant has no such schedule. */
export async function changeSchedule(
  db: Db,
  tenant: string,
  id: ScheduleId,
  { timing, start, overlap, catchUpMs, by }: ScheduleChange,
): Promise<Schedule | null> {
  const values = {
    timing: timing === undefined ? null : storableJson(timing),
    start: start === undefined ? null : storableJson(start),
    overlap: overlap ?? null,
    catch_up_ms: catchUpMs ?? null,
    by: by && storableJson(by),
  }
  return first(await db.query<Schedule>(CHANGE.with({ id, tenant, ...values })))
}

export async function pauseSchedule(
  db: Db,
  tenant: string,
  id: ScheduleId,
  by: RecordedCredential | null,
): Promise<Schedule | null> {
  return first(await db.query<Schedule>(PAUSE.with({ id, tenant, by: by && storableJson(by) })))
}

/** Ends a pause. Where its own principal does so, it goes on with the rights of that request's key, and is stopped no more. */
export async function resumeSchedule(
  db: Db,
  tenant: string,
  id: ScheduleId,
  resumed: {
    readonly principal: string
    readonly keyId: string | null
    readonly by: RecordedCredential | null
  },
): Promise<Schedule | null> {
  const { principal, keyId, by } = resumed
  const values = { id, tenant, principal, key_id: keyId, by: by && storableJson(by) }
  return first(await db.query<Schedule>(RESUME.with(values)))
}

/** Stops a schedule whose key is good no more, unless it has been given another key meanwhile. */
export async function stopSchedule(db: Db, { id, keyId }: Schedule): Promise<void> {
  await db.query(STOP.with({ id, key_id: keyId }))
}

/** Deletes a schedule with its starts. Runs that it has started stay. */
export async function deleteSchedule(db: Db, tenant: string, id: ScheduleId): Promise<void> {
  await db.query(DELETE.with({ id, tenant }))
}

function first(rows: readonly Schedule[]): Schedule | null {
  return rows[0] ?? null
}
