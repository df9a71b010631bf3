import type { FastifyBaseLogger } from 'fastify'
import { SCHEDULES } from '../../policies/operations/schedules.ts'
import { claimStarts } from '../../store/schedules/claim-starts.ts'
import { type ScheduleParts, takeUpStart } from '../schedules/take-up-start.ts'
import { eachRun } from './each-run.ts'

/** A job that starts the runs of schedules whose time has come. */
export function takeUpDueStartsJob(
  parts: ScheduleParts & { readonly logger: FastifyBaseLogger },
): (signal: AbortSignal) => Promise<void> {
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
