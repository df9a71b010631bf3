import { CACHE_LEASES } from '../../policies/models/answer-cache.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** A request, and the activity that asks it for all. Nothing below happens where it has lost the lead. */
export interface CacheLead {
  readonly key: string
  readonly holder: string
}

/** The lead's own row, as long as it asks. Takes `:key`, `:holder`. */
export const OWN_LEAD = `key = :key and holder = :holder and state = 'asking'`

const RENEW = statement(
  'renew_cache_lease',
  `
  update cache_leases set expires_at = clock_timestamp() + :lease_ms::bigint * interval '1 millisecond'
  where ${OWN_LEAD}`,
)

const DECLINE = statement(
  'decline_cache_lease',
  `
  update cache_leases set state = 'declined', expires_at = clock_timestamp() + :declined_ms::bigint * interval '1 millisecond'
  where ${OWN_LEAD}`,
)

const LEAVE = statement('leave_cache_lease', `delete from cache_leases where ${OWN_LEAD}`)

/** The lead is alive. */
export async function renewLead(db: Db, lead: CacheLead): Promise<void> {
  await db.query(RENEW.with({ ...lead, lease_ms: CACHE_LEASES.leaseMs }))
}

/** The answer is there, and nobody else may be given it: those who wait ask by themselves, all at once. */
export async function declineLead(db: Db, lead: CacheLead): Promise<void> {
  await db.query(DECLINE.with({ ...lead, declined_ms: CACHE_LEASES.declinedMs }))
}

/** There is no answer: one of those who wait asks next. */
export async function leaveLead(db: Db, lead: CacheLead): Promise<void> {
  await db.query(LEAVE.with({ ...lead }))
}
