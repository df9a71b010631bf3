import type { Delta, SentDelta } from '../../contracts/events/event.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import { APPROVAL_CHANNEL, parseApprovalNotice } from '../../store/approvals/approval-notices.ts'
import type { Database } from '../../store/database/database.ts'
import { DELTA_CHANNEL, parseDelta } from '../../store/record/deltas.ts'
import { EVENT_CHANNEL, parseEventNotice } from '../../store/record/events.ts'
import { createAnswersUnderWay } from './answers-under-way.ts'
import { createListeners } from './listeners.ts'
import type { ReaderAnnouncer } from './reader-announcer.ts'

interface RunListener {
  /** The run may have new events. */
  onRows(): void
}

/** A reader of text on its way. */
interface TextListener {
  onDelta(delta: Delta): void
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
  /** Subscribes to a run's text on its way. As long as somebody does, the workers publish it. */
  subscribeText(runId: RunId, listener: TextListener): () => void
  /** The answer that is being written, as far as it has been heard: what a new subscriber has missed. */
  textSoFar(runId: RunId): readonly Delta[]
  /** Subscribes to a tenant's approvals. Returns the function that ends the subscription. */
  subscribeInbox(tenant: string, listener: InboxListener): () => void
  /** Aborts when the process stops: streams end, and waiting requests are answered with what there is. */
  readonly closing: AbortSignal
  /** Ends all readers. {@link close} stops listening to the store as well. */
  stop(): void
  close(): Promise<void>
}

export async function createEventHub(
  database: Pick<Database, 'listen'>,
  readers: ReaderAnnouncer,
): Promise<EventHub> {
  const runs = createListeners<RunListener>()
  const texts = createListeners<TextListener>()
  const answers = createAnswersUnderWay()
  /** Runs whose text so far has been asked for again. */
  const incomplete = new Set<RunId>()
  const inboxes = createListeners<InboxListener>()
  const closing = new AbortController()

  function tell(delta: SentDelta): void {
    const { runId } = delta
    const told = answers.take(delta)
    if (told === null) {
      if (!incomplete.has(runId)) readers.announce(runId)
      incomplete.add(runId)
      return
    }
    incomplete.delete(runId)
    for (const one of told) for (const listener of texts.of(runId)) listener.onDelta(one)
  }

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
    if (texts.isEmpty()) return
    const delta = parseDelta(payload)
    if (delta !== null && texts.has(delta.runId)) tell(delta)
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
    subscribeText(runId, listener) {
      if (!texts.has(runId)) readers.announce(runId)
      const remove = texts.add(runId, listener)
      return () => {
        remove()
        if (texts.has(runId)) return
        answers.forget(runId)
        incomplete.delete(runId)
        readers.withdraw(runId)
      }
    },
    textSoFar: answers.soFar,
    subscribeInbox: (tenant, listener) => inboxes.add(tenant, listener),
    stop: () => closing.abort(),
    async close() {
      closing.abort()
      await Promise.all([stopEvents(), stopDeltas(), stopApprovals(), readers.close()])
    },
  }
}
