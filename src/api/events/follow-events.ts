import type { RunEvent } from '../../contracts/events/event.ts'
import { isTerminal, type RunId, TERMINAL_STATUSES } from '../../contracts/runs/run.ts'
import { HTTP } from '../../policies/api.ts'
import { listEvents } from '../../store/record/events.ts'
import { findRun } from '../../store/runs/runs.ts'
import type { ApiContext } from '../context.ts'
import { createWakeUp } from '../http/wake-up.ts'

interface Follow {
  readonly tenant: string
  readonly runId: RunId
  /** Seq of the last event that the reader has. */
  readonly after: number
  readonly signal: AbortSignal
  /** Called when the reader has all events so far, before each wait. */
  onLive?(): void
}

const LAST_EVENTS: ReadonlySet<string> = new Set(TERMINAL_STATUSES.map((status) => `run.${status}`))

/**
 * Yields a run's events in order, each once, from `after` to the run's last one. Rows are the only source: a notification only says when to
 * look again, and without one the rows are read at every heartbeat.
 */
export async function* followEvents(
  { database, hub }: Pick<ApiContext, 'database' | 'hub'>,
  { tenant, runId, after, signal, onLive }: Follow,
): AsyncGenerator<RunEvent> {
  // Whoever reads the stream takes it on from outside the request's scope.
  const own = database.as(tenant)
  const wakeUp = createWakeUp()
  const unsubscribe = hub.subscribe(runId, { onRows: wakeUp.wake })
  try {
    let cursor = after
    let hasLast = false
    while (!signal.aborted) {
      const rows = await listEvents(own, { tenant, runId, after: cursor, limit: HTTP.ssePageRows })
      for (const row of rows) {
        yield row
        cursor = row.seq
        // A resumed run has events after its first end.
        hasLast = LAST_EVENTS.has(row.type)
      }
      if (rows.length === HTTP.ssePageRows) continue
      if (hasLast) return
      if (rows.length > 0) continue
      onLive?.()
      const woken = await wakeUp.wait(HTTP.sseHeartbeatMs, signal)
      // A reader whose `after` is past the last event would wait for ever.
      if (woken === 'timeout' && (await hasEnded(own, tenant, runId))) return
    }
  } finally {
    unsubscribe()
  }
}

async function hasEnded(database: ApiContext['database'], tenant: string, runId: RunId): Promise<boolean> {
  const run = await findRun(database, tenant, runId)
  return run === null || isTerminal(run.status)
}
