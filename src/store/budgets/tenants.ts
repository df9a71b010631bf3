import type { Database, Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'

const FIND = unprepared('select time_zone as "timeZone" from tenants where tenant = :tenant')

const CHECK = unprepared('select now() at time zone :time_zone')

const PUT = unprepared(`
  insert into tenants (tenant, time_zone) values (:tenant, :time_zone)
  on conflict (tenant) do update set time_zone = excluded.time_zone`)

/** The IANA name of a tenant's time zone; UTC where nobody has set one. */
export async function findTimeZone(db: Db, tenant: string): Promise<string> {
  const [row] = await db.query<{ timeZone: string }>(FIND.with({ tenant }))
  return row?.timeZone ?? 'UTC'
}

/**
 * Sets the time zone that tells on which day an attempt counts. Attempts that were reserved before stay on their day. The change may
 * make today another day, with counters of its own.
 *
 * @throws where the database does not know the zone
 */
export async function putTimeZone(database: Database, tenant: string, timeZone: string): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query(CHECK.with({ time_zone: timeZone }))
    await tx.query(PUT.with({ tenant, time_zone: timeZone }))
  })
}
