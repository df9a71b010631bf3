import type { FastifyBaseLogger } from 'fastify'
import { HTTP } from '../../policies/api.ts'

/**
 * Runs `lookAfter` for one run after the other. A run that fails is left for the next sweep, so that it does not hold up the others.
 * With `HTTP.sweepFailures` failures the store or Temporal is taken to be down, and the sweep is left off.
 *
 * @throws the last failure, where the sweep was left off
 */
export async function eachRun<R extends { readonly id: string }>(
  runs: readonly R[],
  signal: AbortSignal,
  logger: FastifyBaseLogger,
  lookAfter: (run: R) => Promise<void>,
): Promise<void> {
  let failures = 0
  for (const run of runs) {
    if (signal.aborted) return
    try {
      await lookAfter(run)
    } catch (error) {
      failures += 1
      if (failures >= HTTP.sweepFailures) throw error
      logger.warn({ err: error, runId: run.id }, 'left a run for the next sweep')
    }
  }
}
