import type { FastifyBaseLogger } from 'fastify'
import { PRESENCE } from '../../policies/operations/processes.ts'
import { TRACES } from '../../policies/operations/traces.ts'
import { noteLostProcesses } from '../../store/processes/note-lost-processes.ts'
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
 * that ended about then, whoever has closed them. One API does, whichever looks first.
 */
export function tellLostProcessesJob({ database, telemetry, taskQueue, logger }: Parts): () => Promise<void> {
  return async () => {
    const { livesForMs, everyMs } = PRESENCE
    for (const { id, kind, seenAt, unseenMs } of await noteLostProcesses(database, {
      taskQueue,
      livesForMs,
    })) {
      logger.warn({ processId: id, kind, unseenMs }, `a process is gone without a word: ${kind} ${id}`)
      const runs = await findEndedRuns(database, {
        tenants: await findTenants(database),
        after: later(seenAt, -TRACES.lostWithinMs),
        before: later(seenAt, everyMs + TRACES.lostWithinMs),
        limit: TRACES.lostRuns,
      })
      for (const ended of runs.map(endOfRow))
        if (ended !== null) telemetry.record({ type: 'run.spans_lost', ended })
    }
  }
}

function later(time: string, ms: number): string {
  return new Date(Date.parse(time) + ms).toISOString()
}
