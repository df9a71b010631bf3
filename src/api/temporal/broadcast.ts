import type { FastifyBaseLogger } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import type { Delivery } from './run-workflows.ts'

/** Something that many runs are told. */
interface News {
  /** News of one topic go out one after the other, so that nobody hears the older one last. */
  readonly topic: string
  /** Workflow ids of those it concerns. */
  find(): Promise<readonly string[]>
  send(workflowId: string): Promise<Delivery>
}

/**
 * Tells many runs something, a few at a time, while whoever wanted it told has its answer already. It may get through to some
 * and not to others: only for what a run finds out by itself as well, a bit later, or what the sweeper tells it again.
 */
export interface Broadcast {
  tell(news: News): void
  /** Leaves off. */
  close(): Promise<void>
}

export function createBroadcast(logger: FastifyBaseLogger): Broadcast {
  const closing = new AbortController()
  const running = new Map<string, Promise<void>>()

  async function tellAll({ topic, find, send }: News): Promise<void> {
    const waiting = [...(await find())]
    let told = 0
    let failures = 0
    const work = async () => {
      for (;;) {
        const next = closing.signal.aborted || failures >= HTTP.tellFailures ? undefined : waiting.shift()
        if (next === undefined) return
        try {
          if ((await send(next)) === 'delivered') told += 1
        } catch (error) {
          failures += 1
          logger.warn({ err: error, topic, workflow: next }, 'could not tell a run')
        }
      }
    }
    await Promise.all(Array.from({ length: HTTP.tellAtOnce }, work))
    logger.info({ topic, told, untold: waiting.length + failures }, 'told runs')
  }

  return {
    tell(news) {
      const { topic } = news
      const work = (running.get(topic) ?? Promise.resolve())
        .then(() => tellAll(news))
        .catch((error: unknown) => logger.warn({ err: error, topic }, 'could not find whom to tell'))
        .finally(() => {
          if (running.get(topic) === work) running.delete(topic)
        })
      running.set(topic, work)
    },
    async close() {
      closing.abort()
      await Promise.all(running.values())
    },
  }
}
