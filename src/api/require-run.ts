import type { Database } from '../store/database.ts'
import { findRun, type RunRow } from '../store/runs.ts'
import { Problem } from './problem.ts'

/**
 * The tenant's run of this id.
 *
 * @throws Problem not_found, for another tenant's as well
 */
export async function requireRun(database: Database, tenant: string, id: string): Promise<RunRow> {
  const run = await findRun(database, tenant, id)
  if (run === null) throw new Problem('not_found')
  return run
}
