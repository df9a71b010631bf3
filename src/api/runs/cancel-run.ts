import { type RunRow, waitsForTurn } from '../../store/record/run-row.ts'
import { requestCancel } from '../../store/runs/request-cancel.ts'
import { findRun } from '../../store/runs/runs.ts'
import { cancelWaitingTurn } from '../../store/threads/cancel-turn.ts'
import { recordEnd } from '../../telemetry/record-end.ts'
import type { Principal } from '../access/principal.ts'
import type { ApiContext } from '../context.ts'
import { Problem } from '../http/problems/problem.ts'
import { cancelledByCaller } from './cancelled-by-caller.ts'
import { deliverToRun } from './deliver-to-run.ts'
import { requireRun } from './require-run.ts'

/**
 * Asks a run to stop, in the caller's name. A repeated request has no further effect: a run that has been cancelled is answered like
 * one that is still stopping.
 *
 * @returns the run as it is, which may not have stopped yet
 * @throws Problem not_found, run_ended where it ended otherwise, unavailable
 */
export async function cancelRun(
  context: Pick<ApiContext, 'database' | 'workflows' | 'telemetry'>,
  caller: Principal,
  runId: string,
): Promise<RunRow> {
  const { database, workflows } = context
  const run = await requireRun(database, caller, runId, 'cancel')
  if (run.status === 'cancelled') return run
  if (waitsForTurn(run)) return cancelWaiting(context, caller, run)
  await requestCancel(database, { runId: run.id, tenant: run.tenant, principal: run.principal }, caller.id)
  try {
    await deliverToRun(context, run, (workflowId) => workflows.cancel(workflowId))
    return run
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'run_ended')) throw error
    // Another cancel may have ended it since the row was read.
    const now = await findRun(database, run.tenant, run.id)
    if (now?.status === 'cancelled') return now
    throw error
  }
}

/** A run that waits for its turn has no workflow: it only leaves the order. */
async function cancelWaiting(
  context: Pick<ApiContext, 'database' | 'workflows' | 'telemetry'>,
  caller: Principal,
  run: RunRow,
): Promise<RunRow> {
  const ended = await cancelWaitingTurn(context.database, run, caller.id)
  // Its turn has begun since the row was read, or another cancel has ended it.
  if (ended === null) return cancelRun(context, caller, run.id)
  recordEnd(context.telemetry, cancelledByCaller(run), ended, run.plan)
  return requireRun(context.database, caller, run.id, 'cancel')
}
