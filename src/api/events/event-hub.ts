import type { Delta } from '../../contracts/event.ts'
import type { RunId } from '../../contracts/run.ts'
import { APPROVAL_CHANNEL, parseApprovalNotice } from '../../store/approvals/approval-notices.ts'
import type { Database } from '../../store/database/database.ts'
import { DELTA_CHANNEL, parseDelta } from '../../store/record/deltas.ts'
import { EVENT_CHANNEL, parseEventNotice } from '../../store/record/events.ts'
import { createListeners } from './listeners.ts'

interface RunListener {
  /** The run may have new events. */
  onRows(): void
  onDelta?(delta: Delta): void
}

interface InboxListener {
  /** This approval is new or has changed. */
  onApproval(id: string): void
  /** Notifications may have been missed: any approval may have changed. */
  onGap(): void
}

/**
 * Passes the store's notifications on to the readers of this process, over one connection for all of them. Notifications carry no rows:
 * a lost one delays a reader, and loses no event.
 */
export interface EventHub {
  /** Returns the function that ends the subscription. */
  subscribe(runId: RunId, listener: RunListener): () => void
  /** Subscribes to a tenant's approvals. Returns the function that ends the subscription. */
  subscribeInbox(tenant: string, listener: InboxListener): () => void
  /** Aborts when the process stops: streams end, and waiting requests are answered with what there is. */
  readonly closing: AbortSignal
  /** Ends all readers. {@link close} stops listening to the store as well. */
  stop(): void
  close(): Promise<void>
}

export async function createEventHub(database: Database): Promise<EventHub> {
  const runs = createListeners<RunListener>()
  const inboxes = createListeners<InboxListener>()
  const closing = new AbortController()

  const stopEvents = await database.listen(
    EVENT_CHANNEL,
    (payload) => {
      const notice = parseEventNotice(payload)
      if (notice !== null) for (const listener of runs.of(notice.runId)) listener.onRows()
    },
    () => {
      for (const listener of runs.all()) listener.onRows()
    },
  )
  const stopDeltas = await database.listen(DELTA_CHANNEL, (payload) => {
    if (runs.isEmpty()) return
    const delta = parseDelta(payload)
    if (delta !== null) for (const listener of runs.of(delta.runId)) listener.onDelta?.(delta)
  })
  const stopApprovals = await database.listen(
    APPROVAL_CHANNEL,
    (payload) => {
      const notice = parseApprovalNotice(payload)
      if (notice !== null) for (const listener of inboxes.of(notice.tenant)) listener.onApproval(notice.id)
    },
    () => {
      for (const listener of inboxes.all()) listener.onGap()
    },
  )

  return {
    closing: closing.signal,
    subscribe: (runId, listener) => runs.add(runId, listener),
    subscribeInbox: (tenant, listener) => inboxes.add(tenant, listener),
    stop: () => closing.abort(),
    async close() {
      closing.abort()
      await Promise.all([stopEvents(), stopDeltas(), stopApprovals()])
    },
  }
}
