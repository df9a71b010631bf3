import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { DISPATCH } from '../../policies/operations/webhooks.ts'
import type { Database } from '../../store/database/database.ts'
import {
  type ClaimedDelivery,
  claimDeliveries,
  unclaimDelivery,
} from '../../store/webhooks/claim-deliveries.ts'
import { dropOldDeliveries } from '../../store/webhooks/drop-old-deliveries.ts'
import { WEBHOOK_CHANNEL } from '../../store/webhooks/webhook-notices.ts'
import { createWakeUp } from '../http/wake-up.ts'
import type { DeliveryStart } from '../temporal/delivery-start.ts'
import { repeat } from './repeat.ts'

interface Parts {
  readonly database: Database
  readonly start: DeliveryStart
  readonly logger: FastifyBaseLogger
}

/**
 * Starts deliveries of webhooks while the server listens: when the store says that one may be due, and now and then. It also removes those
 * that ended long ago. Several processes may do so at once.
 */
export async function addWebhookDispatch(server: FastifyInstance, parts: Parts): Promise<void> {
  const { database, logger } = parts
  const stopped = new AbortController()
  const due = createWakeUp()
  const unlisten = await database.listen(WEBHOOK_CHANNEL, due.wake, due.wake)
  const stops: (() => Promise<void>)[] = [unlisten]
  server.addHook('onListen', async () => {
    const following = follow()
    stops.push(
      () => following,
      repeat(DISPATCH.dropEveryMs, async () => void (await dropOldDeliveries(database)), logger),
    )
  })
  server.addHook('onClose', async () => {
    stopped.abort()
    await Promise.all(stops.map((stop) => stop()))
  })

  async function follow(): Promise<void> {
    while ((await due.wait(DISPATCH.everyMs, stopped.signal)) !== 'aborted') {
      await dispatch(parts, stopped.signal).catch((error: unknown) =>
        logger.warn({ err: error }, 'webhooks that are due were not all started'),
      )
    }
  }
}

/** @throws where Temporal or the store is away */
async function dispatch({ database, start }: Parts, signal: AbortSignal): Promise<void> {
  for (let isMore = true; isMore && !signal.aborted; ) {
    const claimed = await claimDeliveries(database)
    isMore = claimed.length >= DISPATCH.claimed
    await startAll(claimed)
  }

  /** What could not be started goes back into its queue, and what comes after it. */
  async function startAll(claimed: readonly ClaimedDelivery[]): Promise<void> {
    for (let from = 0; from < claimed.length; from += DISPATCH.startsAtOnce) {
      const batch = claimed.slice(from, from + DISPATCH.startsAtOnce)
      const outcomes = await Promise.allSettled(batch.map(start))
      const failed = outcomes.find((outcome) => outcome.status === 'rejected')
      if (failed === undefined) continue
      const left = claimed.filter((_, at) => at >= from && outcomes[at - from]?.status !== 'fulfilled')
      for (const delivery of left) await unclaimDelivery(database, delivery)
      throw failed.reason
    }
  }
}
