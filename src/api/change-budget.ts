import { createHash } from 'node:crypto'
import type { BudgetChange } from '../contracts/budget.ts'
import { canonicalJson, type Json } from '../contracts/json.ts'
import { isTerminal } from '../contracts/run.ts'
import { signBudgetChange } from '../store/budget-change-signature.ts'
import type { RunRow } from '../store/runs.ts'
import type { ApiContext } from './api-context.ts'
import { newId } from './new-id.ts'
import type { Principal } from './principal.ts'
import { Problem } from './problem.ts'
import { requireRun } from './require-run.ts'
import type { ChangeBudgetBody } from './schemas/run-budget.schema.ts'
import { signalBound } from './signal-bound.ts'
import { startAccepted } from './start-accepted.ts'
import { readAdded, readLimits } from './wire-limits.ts'

interface Changed {
  /** With the limits as they are now. */
  readonly run: RunRow
  /** False while no worker is up: the change lies in the run's history and counts once one is. */
  readonly counted: boolean
}

interface Wish {
  readonly runId: string
  readonly body: ChangeBudgetBody
  readonly idempotencyKey: string | null
}

type Parts = Pick<ApiContext, 'database' | 'workflows' | 'secret'>

/**
 * Changes what a run may use, in the principal's name.
 *
 * @throws Problem not_found, run_ended, run_busy, budget_change_invalid, decision_unsigned, unavailable
 */
export async function changeBudget(
  context: Parts,
  { tenant, id: by }: Principal,
  { runId, body, idempotencyKey }: Wish,
): Promise<Changed> {
  const { database, workflows, secret } = context
  const run = await requireRun(database, tenant, runId)
  if (isTerminal(run.status)) throw new Problem('run_ended')
  if (run.parentRunId !== null) throw new Problem('budget_change_invalid', { detail: OF_ITS_PARENT })

  const change = toBudgetChange(body, by, idempotencyKey)
  const signature = secret === null ? {} : { signature: signBudgetChange(secret, run.id, change) }
  const bound = signalBound(database, run, by)
  const send = () => workflows.changeBudget(run.workflowId, { ...change, ...signature }, bound)
  let reply = await send()
  if (reply.type === 'not_running' && run.status === 'queued') {
    // Whoever starts it, we or the request that accepted it: it takes changes from then on.
    await startAccepted(context, run)
    reply = await send()
  }
  switch (reply.type) {
    case 'done': {
      const now = await requireRun(database, tenant, runId)
      return { run: { ...now, budget: { ...now.budget, limits: reply.result } }, counted: true }
    }
    case 'sent':
      return { run, counted: false }
    case 'refused':
      throw new Problem(reply.code)
    case 'busy':
      throw new Problem('run_busy')
    case 'not_running':
      throw new Problem('run_ended')
  }
}

const OF_ITS_PARENT = "A sub-agent's budget is a share of its parent's: change the parent's."

/** A change adds, so one that is sent again must not be another: with a key it has the same id. */
export function toBudgetChange(body: ChangeBudgetBody, by: string, key: string | null): BudgetChange {
  const { add, ...set } = body
  const limits = readLimits(set)
  const id = key === null ? newId('chg') : `key-${hash(canonicalJson({ key, body: body as Json }))}`
  return {
    id,
    by,
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(add !== undefined && { add: readAdded(add) }),
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
