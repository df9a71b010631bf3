import type { FastifyBaseLogger } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { findOpenRuns } from '../../store/runs/unfinished-runs.ts'
import type { ApiContext } from '../context.ts'
import { endLostRun } from '../runs/end-lost-run.ts'
import { eachRun } from './each-run.ts'

type Parts = Pick<ApiContext, 'database' | 'workflows'> & { readonly logger: FastifyBaseLogger }

/**
 * Compares open runs with Temporal, oldest first and round again. One question finds those of a page that run; each of the others is
 * looked at by itself, since Temporal's list of workflows may be seconds late.
 */
export function createReconciler({
  database,
  workflows,
  logger,
}: Parts): (signal: AbortSignal) => Promise<void> {
  let after: Pick<RunRow, 'createdAt' | 'id'> | undefined

  return async (signal) => {
    for (let page = 0; page < HTTP.reconcilePages && !signal.aborted; page++) {
      const runs = await findOpenRuns(database, {
        olderThanMs: HTTP.sweepAfterMs,
        limit: HTTP.reconcileRuns,
        ...(after !== undefined && { after }),
      })
      const running = await workflows.runningOf(runs.map(({ workflowId }) => workflowId))
      const others = runs.filter(({ workflowId }) => !running.has(workflowId))
      await eachRun(others, signal, logger, async (run) => {
        const outcome = await endLostRun({ database, workflows }, run)
        if (outcome === 'lost') logger.warn({ run: run.id }, 'closed a run that Temporal has ended')
      })
      if (signal.aborted) return
      after = runs.length < HTTP.reconcileRuns ? undefined : runs.at(-1)
      if (after === undefined) return
    }
  }
}
