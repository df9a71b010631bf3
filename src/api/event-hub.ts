import type { Delta } from '../contracts/event.ts'
import type { RunId } from '../contracts/run.ts'
import type { Database } from '../store/database.ts'
import { DELTA_CHANNEL, EVENT_CHANNEL, parseDelta, parseEventNotice } from '../store/events.ts'

interface RunListener {
  /** The run may have new rows: look. */
  onRows(): void
  onDelta?(delta: Delta): void
}

/**
 * Tells the readers of this process what the store notifies. It listens once per process however many readers there are;
 * notifications carry no rows, so one that is lost costs time and never an event.
 */
export interface EventHub {
  /** Returns what ends it. */
  subscribe(runId: RunId, listener: RunListener): () => void
  /** Aborts when the process stops: readers end their streams, waiters answer with what there is. */
  readonly closing: AbortSignal
  /** Ends all readers; {@link close} then lets go of the store. */
  stop(): void
  close(): Promise<void>
}

export async function createEventHub(database: Database): Promise<EventHub> {
  const listeners = new Map<string, Set<RunListener>>()
  const closing = new AbortController()

  const of = (runId: string) => listeners.get(runId) ?? []
  const wakeAll = () => {
    for (const group of listeners.values()) for (const listener of group) listener.onRows()
  }

  const stopEvents = await database.listen(
    EVENT_CHANNEL,
    (payload) => {
      const notice = parseEventNotice(payload)
      if (notice !== null) for (const listener of of(notice.runId)) listener.onRows()
    },
    wakeAll,
  )
  const stopDeltas = await database.listen(DELTA_CHANNEL, (payload) => {
    if (listeners.size === 0) return
    const delta = parseDelta(payload)
    if (delta !== null) for (const listener of of(delta.runId)) listener.onDelta?.(delta)
  })

  return {
    closing: closing.signal,
    subscribe(runId, listener) {
      const group = listeners.get(runId) ?? new Set()
      listeners.set(runId, group.add(listener))
      return () => {
        group.delete(listener)
        if (group.size === 0 && listeners.get(runId) === group) listeners.delete(runId)
      }
    },
    stop: () => closing.abort(),
    async close() {
      closing.abort()
      await Promise.all([stopEvents(), stopDeltas()])
    },
  }
}
