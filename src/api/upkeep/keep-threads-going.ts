import type { FastifyBaseLogger } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import { THREADS } from '../../policies/operations/threads.ts'
import { findInterruptedTurns } from '../../store/threads/interrupted-turns.ts'
import { findStandingThreads } from '../../store/threads/turns.ts'
import type { ApiContext } from '../context.ts'
import { eachRun } from './each-run.ts'
import { startNextTurn } from './start-next-turn.ts'

type Parts = Pick<ApiContext, 'database' | 'workflows'> & { readonly logger: FastifyBaseLogger }

/**
 * A job for what was decided in the store and did not come about: the next turn of a thread whose last one has ended, and the cancel of a
 * turn that is to end for another one.
 */
export function keepThreadsGoingJob(parts: Parts): (signal: AbortSignal) => Promise<void> {
  const { database, workflows, logger } = parts

  return async (signal) => {
    const standing = await findStandingThreads(database, THREADS.sweepThreads)
    await eachRun(standing, signal, logger, ({ threadId }) => startNextTurn(parts, threadId))
    const due = { olderThanMs: HTTP.sweepAfterMs, limit: THREADS.sweepThreads }
    const interrupted = await findInterruptedTurns(database, due)
    await eachRun(interrupted, signal, logger, async ({ workflowId }) => {
      await workflows.cancel(workflowId)
    })
  }
}
