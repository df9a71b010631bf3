import type { FastifyBaseLogger } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import type { RunRow } from '../../store/record/run-row.ts'

/**
 * Looks after runs one by one. One that fails is left for the next sweep and keeps nobody else waiting; when many fail, the store
 * or Temporal is away.
 *
 * @throws what the last of them failed with
 */
export async function eachRun(
  runs: readonly RunRow[],
  signal: AbortSignal,
  logger: FastifyBaseLogger,
  lookAfter: (run: RunRow) => Promise<void>,
): Promise<void> {
  let failures = 0
  for (const run of runs) {
    if (signal.aborted) return
    try {
      await lookAfter(run)
    } catch (error) {
      failures += 1
      if (failures >= HTTP.sweepFailures) throw error
      logger.warn({ err: error, run: run.id }, 'left a run for the next sweep')
    }
  }
}
