import { isTerminal } from '../../contracts/runs/run.ts'
import { type RunRow, waitsForTurn } from '../../store/record/run-row.ts'
import type { ApiContext } from '../context.ts'
import { Problem } from '../http/problems/problem.ts'
import type { Delivery } from '../temporal/run-workflows.ts'
import { endLostRun } from './end-lost-run.ts'
import { startAcceptedRun } from './start-accepted-run.ts'

/**
 * Sends a message to a run's workflow. A run that was accepted but not yet started is started first, so that a cancel reaches it, too.
 *
 * @throws Problem run_ended, turn_not_begun, unavailable
 */
export async function deliverToRun(
  context: Pick<ApiContext, 'database' | 'workflows' | 'telemetry'>,
  run: RunRow,
  send: (workflowId: string) => Promise<Delivery>,
): Promise<void> {
  if (isTerminal(run.status)) throw new Problem('run_ended')
  if (waitsForTurn(run)) throw new Problem('turn_not_begun')
  if ((await send(run.workflowId)) === 'delivered') return
  // Only its parent starts a sub-agent's workflow, which it is about to do.
  if (run.status === 'queued' && run.parentRunId !== null) throw new Problem('unavailable')
  if (run.status === 'queued') {
    // Whether this call starts the workflow or the request that accepted the run does: it takes messages from then on.
    await startAcceptedRun(context, run)
    if ((await send(run.workflowId)) === 'delivered') return
  }
  // The run has just ended, or somebody has ended its workflow in Temporal. If neither, this is not the Temporal that had the workflow.
  throw new Problem((await endLostRun(context, run)) === 'open' ? 'unavailable' : 'run_ended')
}
