import type { FastifyBaseLogger } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import { settleAbandonedAttempts } from '../../store/models/settle-abandoned-attempts.ts'
import { settleOrphanedChildren } from '../../store/team/settle-orphaned-children.ts'
import type { ApiContext } from '../context.ts'

type Parts = Pick<ApiContext, 'database'> & { readonly logger: FastifyBaseLogger }

/**
 * A job that settles what no worker or workflow will. A model call whose worker died, and whose run no worker continues, counts as
 * unknown with its worst case. A sub-agent's usage is added to a parent that has ended.
 */
export function settleAbandonedCallsJob({ database, logger }: Parts): () => Promise<void> {
  return async () => {
    const settled = await settleAbandonedAttempts(database, {
      olderThanMs: HTTP.abandonedAfterMs,
      logger,
    })
    if (settled > 0) logger.warn({ count: settled }, 'gave up on model calls whose end nobody saw')
    await settleOrphanedChildren(database, { olderThanMs: HTTP.sweepAfterMs, limit: HTTP.sweepRuns })
  }
}
