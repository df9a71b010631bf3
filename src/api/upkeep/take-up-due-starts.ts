import type { FastifyBaseLogger } from 'fastify'
import { SCHEDULES } from '../../policies/operations/schedules.ts'
import { claimStarts } from '../../store/schedules/claim-starts.ts'
import type { ApiContext } from '../context.ts'
import { takeUpStart } from '../schedules/take-up-start.ts'
import { eachRun } from './each-run.ts'

type Parts = Pick<
  ApiContext,
  'app' | 'outside' | 'database' | 'workflows' | 'schedules' | 'telemetry' | 'keys'
> & { readonly logger: FastifyBaseLogger }

/** A job that starts the runs of schedules whose time has come. */
export function takeUpDueStartsJob(parts: Parts): (signal: AbortSignal) => Promise<void> {
  const { database, logger } = parts
  return async (signal) => {
    const starts = await claimStarts(database, { limit: SCHEDULES.takenUpAtOnce })
    await eachRun(starts, signal, logger, async (start) => {
      const { outcome, code, runId } = await takeUpStart(parts, start)
      const { scheduleId, at } = start
      logger.info({ scheduleId, at, outcome, code, runId }, 'decided about the start of a schedule')
    })
  }
}
