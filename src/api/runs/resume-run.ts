import { covers } from '../../contracts/access/api-key.ts'
import type { BudgetLimits } from '../../contracts/budgets/budget.ts'
import { changedLimits } from '../../contracts/budgets/changed-limits.ts'
import { isTerminal } from '../../contracts/runs/run.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { resumeRun as acceptResume } from '../../store/runs/resume-run.ts'
import { resumeTurn } from '../../store/threads/resume-turn.ts'
import { insufficientScope } from '../access/insufficient-scope.ts'
import type { Principal } from '../access/principal.ts'
import type { ApiContext } from '../context.ts'
import { Problem } from '../http/problems/problem.ts'
import type { ChangeBudgetBody } from './budget/run-budget.schema.ts'
import { readAdded, readLimits } from './budget/wire-limits.ts'
import { requireRun } from './require-run.ts'

/**
 * Records that an ended run goes on; the caller starts it. A run that was resumed and is under way is returned as it is, so a repeated
 * request has no further effect.
 *
 * @throws Problem not_found, run_not_resumable, budget_change_invalid, forbidden
 */
export async function resumeRun(
  { database }: Pick<ApiContext, 'database'>,
  caller: Principal,
  runId: string,
  budget: ChangeBudgetBody | undefined,
): Promise<RunRow> {
  const { tenant, id: by, scopes } = caller
  const run = await requireRun(database, caller, runId, 'write')
  // A sub-agent's parent has taken its result already.
  if (run.parentRunId !== null) throw new Problem('run_not_resumable')
  if (budget !== undefined && !covers(scopes, 'budgets:write')) {
    throw insufficientScope(['budgets:write'], 'To resume a run with another budget takes budgets:write.')
  }
  const limits = budget === undefined ? {} : { limits: limitsAfter(run, budget, by) }
  const resume = { id: run.id, tenant, by, ...limits }
  if (run.threadId === null) await acceptResume(database, resume)
  else await resumeTurn(database, run.threadId, resume)
  const now = await requireRun(database, caller, runId, 'write')
  if (now.resumes === 0 || isTerminal(now.status)) throw new Problem('run_not_resumable')
  return now
}

/** @throws Problem budget_change_invalid */
function limitsAfter(
  { plan, budget }: RunRow,
  { add = {}, ...set }: ChangeBudgetBody,
  by: string,
): BudgetLimits {
  const limits = changedLimits(plan, budget.limits, { limits: readLimits(set), add: readAdded(add), by })
  if (limits === null) throw new Problem('budget_change_invalid')
  return limits
}
