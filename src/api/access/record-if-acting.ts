import { type Acting, recordActing } from '../../store/access/record-acting.ts'
import type { Database } from '../../store/database/database.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import type { Principal } from './principal.ts'

/** Puts on the run's record that somebody else's credential has sent this in the principal's name. */
export async function recordIfActing(
  database: Database,
  { id: runId, tenant, principal }: RunRow,
  { id: by, credential }: Principal,
  about: Acting['about'],
): Promise<void> {
  if (credential === null || credential.principal === by) return
  await recordActing(database, { run: { runId, tenant, principal }, by, credential, about })
}
