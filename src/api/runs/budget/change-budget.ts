import { createHash } from 'node:crypto'
import type { BudgetChange, BudgetLimits } from '../../../contracts/budgets/budget.ts'
import { canonicalJson, type Json } from '../../../contracts/json.ts'
import { isTerminal } from '../../../contracts/runs/run.ts'
import { signBudgetChange } from '../../../security/budget-change-signature.ts'
import { newId } from '../../../security/new-id.ts'
import { type RunRow, waitsForTurn } from '../../../store/record/run-row.ts'
import type { Principal } from '../../access/principal.ts'
import type { ApiContext } from '../../context.ts'
import { Problem } from '../../http/problems/problem.ts'
import { signalBound } from '../../temporal/signal-bound.ts'
import { endLostRun } from '../end-lost-run.ts'
import { requireRun } from '../require-run.ts'
import { startAcceptedRun } from '../start-accepted-run.ts'
import type { ChangeBudgetBody } from './run-budget.schema.ts'
import { addedName, mostOf, readAdded, readLimits } from './wire-limits.ts'

interface Changed {
  /** With the limits as they are now. */
  readonly run: RunRow
  /** False while no worker is up: the change is in the run's history, and counts once a worker is up. */
  readonly counted: boolean
}

interface BudgetChangeRequest {
  readonly runId: string
  readonly body: ChangeBudgetBody
  readonly idempotencyKey: string | null
}

type Parts = Pick<ApiContext, 'database' | 'telemetry' | 'workflows' | 'secret'>

/**
 * Changes what a run may use, in the principal's name.
 *
 * @throws Problem not_found, run_ended, turn_not_begun, run_busy, budget_change_invalid, decision_unsigned, unavailable
 */
export async function changeBudget(
  context: Parts,
  caller: Principal,
  { runId, body, idempotencyKey }: BudgetChangeRequest,
): Promise<Changed> {
  const { database, workflows, secret } = context
  const run = await requireRun(database, caller, runId, 'changeBudget')
  if (isTerminal(run.status)) throw new Problem('run_ended')
  if (waitsForTurn(run)) throw new Problem('turn_not_begun')
  if (run.parentRunId !== null) throw new Problem('budget_change_invalid', { detail: OF_ITS_PARENT })

  const change = toBudgetChange(body, caller.id, idempotencyKey)
  refuseBeyondMaximum(run.budget.limits, change)
  const signature = secret === null ? {} : { signature: signBudgetChange(secret, run.id, change) }
  const bound = signalBound(database, run, caller.id)
  // The execution that ended the run may still be open, and would refuse the change that is meant for the next one.
  if (run.status === 'queued' && run.resumes > 0) await requireResumed(context, run)
  const send = () => workflows.changeBudget(run.workflowId, { ...change, ...signature }, bound)
  let reply = await send()
  if (reply.type === 'not_running' && run.status === 'queued') {
    // Whether this call starts the workflow or the request that accepted the run does: it takes changes from then on.
    await startAcceptedRun(context, run)
    reply = await send()
  }
  switch (reply.type) {
    case 'done': {
      const now = await requireRun(database, caller, runId, 'changeBudget')
      return { run: { ...now, budget: { ...now.budget, limits: reply.result } }, counted: true }
    }
    case 'sent':
      return { run, counted: false }
    case 'refused':
      throw new Problem(reply.code)
    case 'busy':
      throw new Problem('run_busy')
    case 'not_running':
      throw new Problem((await endLostRun(context, run)) === 'open' ? 'unavailable' : 'run_ended')
  }
}

/** Starts a resumed run's next execution. @throws Problem unavailable while that execution has not begun */
async function requireResumed(context: Parts, run: RunRow): Promise<void> {
  await startAcceptedRun(context, run)
  if ((await context.workflows.resumesOf(run.workflowId)) !== run.resumes) throw new Problem('unavailable')
}

const OF_ITS_PARENT = "A sub-agent's budget is a share of its parent's: change the parent's."

/** Changes add up, so a repeated request must count once: with an idempotency key, which belongs to its sender, it has the same id. */
export function toBudgetChange(body: ChangeBudgetBody, by: string, key: string | null): BudgetChange {
  const { add, ...set } = body
  const limits = readLimits(set)
  const id = key === null ? newId('chg') : `key-${hash(canonicalJson({ by, key, body: body as Json }))}`
  return {
    id,
    by,
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(add !== undefined && { add: readAdded(add) }),
  }
}

/** The run refuses such a change, too; but while no worker is up, the caller would not learn of it. */
function refuseBeyondMaximum(current: BudgetLimits, { limits = {}, add = {} }: BudgetChange): void {
  const errors = (Object.keys(add) as (keyof BudgetLimits)[]).flatMap((limit) => {
    const rest = mostOf(limit) - (limits[limit] ?? current[limit] ?? 0)
    if ((add[limit] ?? 0) <= rest) return []
    return [
      {
        pointer: `/add/${addedName(limit)}`,
        detail: `Must be at most ${rest}: the limit ends at ${mostOf(limit)}.`,
      },
    ]
  })
  if (errors.length > 0) throw new Problem('budget_change_invalid', { errors })
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
