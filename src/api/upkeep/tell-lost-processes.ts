import type { FastifyBaseLogger } from 'fastify'
import { PRESENCE } from '../../policies/operations/processes.ts'
import { TRACES } from '../../policies/operations/traces.ts'
import { type LostProcess, noteLostProcesses } from '../../store/processes/note-lost-processes.ts'
import { findTenants } from '../../store/reports/due-reports.ts'
import { findEndedRuns } from '../../store/runs/ended-runs.ts'
import { endOfRow } from '../../telemetry/fact-run.ts'
import type { ApiContext } from '../context.ts'

type Parts = Pick<ApiContext, 'database' | 'telemetry'> & {
  readonly taskQueue: string
  readonly logger: FastifyBaseLogger
}

/**
 * A job that logs a line for each process that has died, and has the spans sent again that it may have taken with it: those of the runs
 * that ended about then, whoever has closed them. One API does, whichever looks first: nobody else hears of the process, so where the runs
 * can't be read the next round reads them.
 */
export function tellLostProcessesJob(
  { database, telemetry, taskQueue, logger }: Parts,
  now: () => number = () => performance.now(),
): () => Promise<void> {
  const { livesForMs } = PRESENCE
  let unread: readonly LostProcess[] = []
  let answeredAt: number | null = null

  return async () => {
    const wasAway = answeredAt !== null && now() - answeredAt >= 2 * PRESENCE.everyMs
    // Nobody could announce itself meanwhile: those that live have until the next round.
    if (wasAway) await database.ping()
    const lost = wasAway ? [] : await noteLostProcesses(database, { taskQueue, livesForMs })
    answeredAt = now()
    for (const { id, kind, unseenMs } of lost)
      logger.warn({ processId: id, kind, unseenMs }, `a process is gone without a word: ${kind} ${id}`)
    if (!telemetry.exportsSpans) return
    unread = [...unread, ...lost]
    if (unread.length === 0) return
    const runs = await findEndedRuns(database, {
      tenants: await findTenants(database),
      between: unread.map(timesOfEnds),
      limit: TRACES.lostRuns,
    })
    unread = []
    for (const run of runs) telemetry.record({ type: 'run.spans_lost', ended: endOfRow(run) })
  }
}

/** When runs ended whose spans the process may have had: it was last seen at `seenAt`, and would have been seen again a little later. */
function timesOfEnds({ seenAt }: LostProcess): { readonly after: string; readonly before: string } {
  const { lostWithinMs } = TRACES
  return { after: later(seenAt, -lostWithinMs), before: later(seenAt, PRESENCE.everyMs + lostWithinMs) }
}

function later(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString()
}
