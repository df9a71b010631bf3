import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'

const KNOWN = unprepared(`
  select exists (select from api_keys where tenant = :tenant)
    or exists (select from runs where tenant = :tenant)
    or exists (select from tenants where tenant = :tenant) as known`)

/** Whether there is such a tenant. During a deploy, an API of the release before makes keys and runs of tenants that have no row yet. */
export async function isKnownTenant(db: Db, tenant: string): Promise<boolean> {
  const [row] = await db.query<{ readonly known: boolean }>(KNOWN.with({ tenant }))
  return row?.known === true
}
