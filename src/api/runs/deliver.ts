import { isTerminal } from '../../contracts/run.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import type { ApiContext } from '../context.ts'
import { Problem } from '../http/problem.ts'
import type { Delivery } from '../temporal/run-workflows.ts'
import { endLostRun } from './end-lost-run.ts'
import { startAccepted } from './start-accepted.ts'

/**
 * Takes a message to a run's workflow. A run that was accepted but not yet started is started first, so that a cancel
 * reaches it as well.
 *
 * @throws Problem run_ended, unavailable
 */
export async function deliver(
  context: Pick<ApiContext, 'database' | 'workflows'>,
  run: RunRow,
  send: (workflowId: string) => Promise<Delivery>,
): Promise<void> {
  if (isTerminal(run.status)) throw new Problem('run_ended')
  if ((await send(run.workflowId)) === 'delivered') return
  // A sub-agent's workflow is its parent's to start, any moment now.
  if (run.status === 'queued' && run.parentRunId !== null) throw new Problem('unavailable')
  if (run.status === 'queued') {
    // Whoever starts it, we or the request that accepted it: it takes messages from then on.
    await startAccepted(context, run)
    if ((await send(run.workflowId)) === 'delivered') return
  }
  // Ended by itself just now, or in Temporal without its own doing; if neither, Temporal has lost it or is not the one that had it.
  throw new Problem((await endLostRun(context, run)) === 'open' ? 'unavailable' : 'run_ended')
}
