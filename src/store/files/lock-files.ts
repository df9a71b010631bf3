import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'

const LOCK = unprepared(`select pg_advisory_xact_lock(hashtextextended('files ' || :tenant, 0))`)

/**
 * Keeps every other transaction from adding and removing files of the tenant: nobody counts on content that is being removed, and nobody
 * passes the tenant's bound beside somebody else. To be called before the statements that it is for, which then see what was committed.
 */
export async function lockFiles(tx: Db, tenant: string): Promise<void> {
  await tx.query(LOCK.with({ tenant }))
}
