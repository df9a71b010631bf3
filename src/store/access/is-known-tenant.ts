import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'

const KNOWN = unprepared(`
  select exists (select from api_keys where tenant = :tenant)
    or exists (select from runs where tenant = :tenant)
    or exists (select from tenants where tenant = :tenant) as known`)

/** Whether a tenant has, or had, a key, a run or settings. Nobody registers tenants: one begins with the first of these. */
export async function isKnownTenant(db: Db, tenant: string): Promise<boolean> {
  const [row] = await db.query<{ readonly known: boolean }>(KNOWN.with({ tenant }))
  return row?.known === true
}
