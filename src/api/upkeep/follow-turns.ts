import type { FastifyBaseLogger } from 'fastify'
import type { ThreadId } from '../../contracts/threads/thread.ts'
import { isOutage } from '../../store/database/outage.ts'
import { TURN_CHANNEL } from '../../store/record/turns.ts'
import type { ApiContext } from '../context.ts'
import { Problem } from '../http/problems/problem.ts'
import { startNextTurn } from './start-next-turn.ts'

type Parts = Pick<ApiContext, 'database' | 'workflows'> & { readonly logger: Pick<FastifyBaseLogger, 'warn'> }

/**
 * Starts the next turn of a thread as soon as the store says that one has ended. A notification that is lost costs its thread the wait for
 * the next sweep.
 *
 * @returns a function that stops it, once what is under way has ended
 */
export async function followTurns(parts: Parts): Promise<() => Promise<void>> {
  const { database, logger } = parts
  const running = new Set<Promise<void>>()
  const stop = await database.listen(TURN_CHANNEL, (payload) => {
    const threadId = payload as ThreadId
    const work = startNextTurn(parts, threadId)
      .catch((err: unknown) => {
        // What is away is told of once, elsewhere.
        if (!isOutage(err) && !(err instanceof Problem))
          logger.warn({ err, threadId }, 'left a thread to the sweeper')
      })
      .finally(() => running.delete(work))
    running.add(work)
  })
  return async () => {
    await stop()
    await Promise.all(running)
  }
}
