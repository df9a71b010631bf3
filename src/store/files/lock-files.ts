import type { Database, Db } from '../database/database.ts'
import { isOutage } from '../database/outage.ts'
import { unprepared } from '../database/statement.ts'

const LOCK = unprepared(`select pg_advisory_xact_lock(hashtextextended('files ' || :tenant, 0))`)

/**
 * Keeps every other transaction from adding and removing files of the tenant: nobody counts on content that is being removed, and nobody
 * passes the tenant's bound beside somebody else. To be called before the statements that it is for, which then see what was committed.
 */
export async function lockFiles(tx: Db, tenant: string): Promise<void> {
  await tx.query(LOCK.with({ tenant }))
}

/** Work in a transaction that has the tenant's files locked. See {@link inTurnOf}. */
export function withFilesLocked<T>(
  database: Database,
  tenant: string,
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  return inTurnOf(tenant, () =>
    database.transaction(async (tx) => {
      await lockFiles(tx, tenant)
      return work(tx)
    }),
  )
}

/** The latest work of each tenant that has some. */
const latest = new Map<string, Promise<unknown>>()

/**
 * Begins work when all that came before it of the tenant, in this process, has ended: whoever waits for the lock with a connection in hand
 * keeps it from everybody. So a tenant waits with one connection of a process. What waits when the store goes away fails with it, and not one
 * after the other.
 */
export async function inTurnOf<T>(tenant: string, work: () => Promise<T>): Promise<T> {
  const before = latest.get(tenant) ?? Promise.resolve()
  const own = before.then(work, (error: unknown) => {
    if (isOutage(error)) throw error
    return work()
  })
  latest.set(tenant, own)
  try {
    return await own
  } finally {
    if (latest.get(tenant) === own) latest.delete(tenant)
  }
}
