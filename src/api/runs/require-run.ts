import { covers, type Scope } from '../../contracts/access/api-key.ts'
import { isApproverOfRun } from '../../store/approvals/approvals.ts'
import type { Database } from '../../store/database/database.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { findRun } from '../../store/runs/runs.ts'
import type { Principal } from '../access/principal.ts'
import { Problem } from '../http/problems/problem.ts'

/** The scopes that an action on a run takes: `own` for one's own run, `all` for any run of the tenant. */
const NEEDED = {
  read: { own: 'runs:read', all: 'runs:read:all' },
  write: { own: 'runs:write', all: 'runs:write:all' },
  cancel: { own: 'runs:cancel', all: 'runs:cancel:all' },
  changeBudget: { own: 'budgets:write', all: 'runs:write:all' },
} as const satisfies Record<string, { readonly own: Scope; readonly all: Scope }>
type RunAction = keyof typeof NEEDED

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
  action: RunAction,
): Promise<RunRow> {
  const run = await findRun(database, caller.tenant, id)
  if (run === null || !(await mayReach(database, caller, run, action))) throw new Problem('not_found')
  return run
}

async function mayReach(
  database: Database,
  { tenant, id, groups, scopes }: Principal,
  run: RunRow,
  action: RunAction,
): Promise<boolean> {
  const { own, all } = NEEDED[action]
  if (covers(scopes, all) || (run.principal === id && covers(scopes, own))) return true
  if (action !== 'read' || !covers(scopes, 'approvals:decide')) return false
  return isApproverOfRun(database, tenant, run.id, { principal: id, groups })
}
