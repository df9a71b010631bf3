import type { FastifyBaseLogger } from 'fastify'
import { ANSWER_CACHE } from '../../policies/models/answer-cache.ts'
import { dropExpiredAnswers } from '../../store/cache/remove-answers.ts'
import type { ApiContext } from '../context.ts'

type Parts = Pick<ApiContext, 'database'> & { readonly logger: Pick<FastifyBaseLogger, 'debug'> }

/** A job that removes cached answers which are too old to be given to anybody. Those are not given in any case. */
export function dropExpiredAnswersJob({ database, logger }: Parts): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    let dropped = 0
    do {
      dropped = await dropExpiredAnswers(database)
      if (dropped > 0) logger.debug({ count: dropped }, 'removed cached answers that were too old')
    } while (dropped === ANSWER_CACHE.mostDropped && !signal.aborted)
  }
}
