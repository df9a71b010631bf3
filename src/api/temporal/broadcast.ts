import type { FastifyBaseLogger } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import type { Delivery } from './run-workflows.ts'

/** A signal for many runs. */
interface Notification {
  /** Notifications of one topic are sent one after the other, so that no run gets the older one last. */
  readonly topic: string
  /** Workflow ids of the runs that it concerns. */
  find(): Promise<readonly string[]>
  send(workflowId: string): Promise<Delivery>
}

/**
 * Signals many runs in the background, a few at a time: the request that caused it is answered before. Some runs may miss the signal,
 * so it is only for what a run finds out by itself a little later, or what the sweeper sends again.
 */
export interface Broadcast {
  notifyRuns(notification: Notification): void
  /** Stops after the signals under way. */
  close(): Promise<void>
}

export function createBroadcast(logger: FastifyBaseLogger): Broadcast {
  const closing = new AbortController()
  const running = new Map<string, Promise<void>>()

  async function notifyAll({ topic, find, send }: Notification): Promise<void> {
    const waiting = [...(await find())]
    let notified = 0
    let failures = 0
    const work = async () => {
      for (;;) {
        const next = closing.signal.aborted || failures >= HTTP.notifyFailures ? undefined : waiting.shift()
        if (next === undefined) return
        try {
          if ((await send(next)) === 'delivered') notified += 1
        } catch (error) {
          failures += 1
          logger.warn({ err: error, topic, workflowId: next }, 'could not tell a run')
        }
      }
    }
    await Promise.all(Array.from({ length: HTTP.notifyAtOnce }, work))
    logger.info({ topic, count: notified, untold: waiting.length + failures }, 'told runs')
  }

  return {
    notifyRuns(notification) {
      const { topic } = notification
      const work = (running.get(topic) ?? Promise.resolve())
        .then(() => notifyAll(notification))
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
