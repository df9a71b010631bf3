import { covers, type Scope } from '../../contracts/access/api-key.ts'
import { isApproverOfRun } from '../../store/approvals/approvals.ts'
import type { Database } from '../../store/database/database.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { findRun } from '../../store/runs/runs.ts'
import { findThread } from '../../store/threads/threads.ts'
import { isForRun } from '../access/browser-tokens/confinement.ts'
import type { Principal } from '../access/principal.ts'
import { type Action, reaches } from '../access/reaches.ts'
import { Problem } from '../http/problems/problem.ts'

/** Scopes of which a route that reads runs needs one. {@link requireRun} then checks the very run. */
export const RUN_READERS = ['runs:read', 'approvals:decide'] as const satisfies readonly Scope[]

/**
 * The run of this id, where the caller may do this with it. A run belongs to its principal, and so do the runs of its sub-agents. Those
 * who may decide an approval may read the run that asks for it, and nothing more.
 *
 * @throws Problem not_found, also for a run that the caller may not reach: the answer must not reveal that the id exists
 */
export async function requireRun(
  database: Database,
  caller: Principal,
  id: string,
  action: Action,
): Promise<RunRow> {
  const run = await findRun(database, caller.tenant, id)
  if (run === null || !isForRun(caller, run) || !(await mayReach(database, caller, run, action))) {
    throw new Problem('not_found')
  }
  if (caller.confinement !== undefined) await requireItsThread(database, run)
  return run
}

/** A browser token ends with its thread, whose runs stay on the record when it is deleted. */
async function requireItsThread(database: Database, { tenant, threadId }: RunRow): Promise<void> {
  if (threadId !== null && (await findThread(database, tenant, threadId)) === null) {
    throw new Problem('not_found')
  }
}

async function mayReach(
  database: Database,
  caller: Principal,
  run: RunRow,
  action: Action,
): Promise<boolean> {
  if (reaches(caller, run.principal, action)) return true
  const { tenant, id, groups, scopes } = caller
  if (action !== 'read' || !covers(scopes, 'approvals:decide')) return false
  return isApproverOfRun(database, tenant, run.id, { principal: id, groups })
}
