import type { FastifyBaseLogger } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { findOpenRuns } from '../../store/runs/unfinished-runs.ts'
import type { ApiContext } from '../context.ts'
import { endLostRun } from '../runs/end-lost-run.ts'
import { eachRun } from './each-run.ts'

type Parts = Pick<ApiContext, 'database' | 'workflows' | 'telemetry'> & { readonly logger: FastifyBaseLogger }

/**
 * A job that closes open runs whose workflow Temporal has ended. It goes through all open runs, oldest first, and then from the start
 * again. One query finds the running workflows of a page; each of the others is described by itself, since Temporal's list of workflows
 * may be seconds old.
 */
export function closeEndedRunsJob({
  database,
  workflows,
  telemetry,
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
        const outcome = await endLostRun({ database, workflows, telemetry }, run)
        if (outcome === 'lost') logger.warn({ runId: run.id }, 'closed a run that Temporal has ended')
      })
      if (signal.aborted) return
      after = runs.length < HTTP.reconcileRuns ? undefined : runs.at(-1)
      if (after === undefined) return
    }
  }
}
