import type { FastifyBaseLogger } from 'fastify'
import type { RunId } from '../../contracts/runs/run.ts'
import { HTTP } from '../../policies/api.ts'
import { findUnstartedRuns } from '../../store/runs/runs.ts'
import type { ApiContext } from '../context.ts'
import { startAcceptedRun } from '../runs/start-accepted-run.ts'
import { eachRun } from './each-run.ts'

type Parts = Pick<ApiContext, 'database' | 'workflows'> & { readonly logger: FastifyBaseLogger }

/**
 * A job that starts runs which were accepted and not started. The store cannot tell them from runs whose workflow waits for a worker, so
 * it tries those too, once, and passes them over afterwards: many that wait for a worker would keep it from those behind them. Temporal
 * answers that they exist. A resumed run is tried until it begins, since Temporal also gives that
 * answer while the execution that ended the run is not closed yet.
 */
export function startAcceptedRunsJob({
  database,
  workflows,
  logger,
}: Parts): (signal: AbortSignal) => Promise<void> {
  const known = new Set<RunId>()

  return async (signal) => {
    // Nobody says when a run has begun; to try one again costs one call of Temporal.
    if (known.size >= HTTP.sweepKnown) known.clear()
    const runs = await findUnstartedRuns(database, {
      olderThanMs: HTTP.sweepAfterMs,
      except: [...known],
      limit: HTTP.sweepRuns,
    })
    await eachRun(runs, signal, logger, async (run) => {
      const outcome = await startAcceptedRun({ database, workflows }, run)
      if (outcome === 'started') logger.info({ runId: run.id }, 'started a run that had been accepted')
      known.add(run.id)
    })
  }
}
