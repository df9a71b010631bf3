import type { FastifyBaseLogger } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import { settleAbandonedAttempts } from '../../store/models/settle-abandoned-attempts.ts'
import { settleOrphanedChildren } from '../../store/team/settle-orphaned-children.ts'
import type { ApiContext } from '../context.ts'

type Parts = Pick<ApiContext, 'database'> & { readonly logger: FastifyBaseLogger }

/**
 * Puts the books right where whoever should have done it is gone. A model call whose worker died and whose run nobody goes on
 * with counts as unknown from then on, with its worst case; what a sub-agent has used comes to a parent that was ended.
 */
export function createSettler({ database, logger }: Parts): () => Promise<void> {
  return async () => {
    const settled = await settleAbandonedAttempts(database, {
      olderThanMs: HTTP.abandonedAfterMs,
      logger,
    })
    if (settled > 0) logger.warn({ attempts: settled }, 'gave up on model calls whose end nobody saw')
    await settleOrphanedChildren(database, { olderThanMs: HTTP.sweepAfterMs, limit: HTTP.sweepRuns })
  }
}
