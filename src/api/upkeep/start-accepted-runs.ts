import type { FastifyBaseLogger } from 'fastify'
import type { RunId } from '../../contracts/run.ts'
import { HTTP } from '../../policies/api.ts'
import { findUnstartedRuns } from '../../store/runs/runs.ts'
import type { ApiContext } from '../context.ts'
import { startAccepted } from '../runs/start-accepted.ts'
import { eachRun } from './each-run.ts'

type Parts = Pick<ApiContext, 'database' | 'workflows'> & { readonly logger: FastifyBaseLogger }

/**
 * Starts the runs that were accepted but never started. The store can't tell those from runs whose workflow waits for a
 * worker, so they are tried too, once: Temporal knows them and says so. Of a run that was resumed it may say so while the execution
 * that has ended the run is yet to be closed, so that one is tried until it begins.
 */
export function createStarter({
  database,
  workflows,
  logger,
}: Parts): (signal: AbortSignal) => Promise<void> {
  let known: ReadonlySet<RunId> = new Set()

  return async (signal) => {
    const runs = await findUnstartedRuns(database, { olderThanMs: HTTP.sweepAfterMs, limit: HTTP.sweepRuns })
    const seen = new Set<RunId>()
    await eachRun(runs, signal, logger, async (run) => {
      if (!known.has(run.id) || run.resumes > 0) {
        const outcome = await startAccepted({ database, workflows }, run)
        if (outcome === 'started') logger.info({ run: run.id }, 'started a run that had been accepted')
      }
      seen.add(run.id)
    })
    known = seen
  }
}
