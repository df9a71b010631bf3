import type { Database, Db } from '../database/database.ts'

/** By its IANA name; UTC where nobody has set one. */
export async function findTimeZone(db: Db, tenant: string): Promise<string> {
  const [row] = await db.query<{ timeZone: string }>({
    text: 'select time_zone as "timeZone" from tenants where tenant = $1',
    values: [tenant],
  })
  return row?.timeZone ?? 'UTC'
}

/**
 * Attempts are booked on the tenant's days from then on; what is booked stays on its day. The day of now may be another one
 * after it, with counters of its own.
 *
 * @throws where the database does not know the zone
 */
export async function putTimeZone(database: Database, tenant: string, timeZone: string): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query({ text: 'select now() at time zone $1', values: [timeZone] })
    await tx.query({
      text: `
        insert into tenants (tenant, time_zone) values ($1, $2)
        on conflict (tenant) do update set time_zone = excluded.time_zone`,
      values: [tenant, timeZone],
    })
  })
}
