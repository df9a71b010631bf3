import type { FastifyBaseLogger } from 'fastify'
import { SCHEDULES } from '../../policies/operations/schedules.ts'
import { findUnsetSchedules } from '../../store/schedules/unset-schedules.ts'
import type { ApiContext } from '../context.ts'
import { setInTemporal } from '../schedules/set-schedule.ts'
import { eachRun } from './each-run.ts'

type Parts = Pick<ApiContext, 'database' | 'schedules'> & { readonly logger: FastifyBaseLogger }

/** A job that brings Temporal's Schedules in line with changes that it could not be told of. */
export function setSchedulesJob(parts: Parts): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    const unset = await findUnsetSchedules(parts.database, { limit: SCHEDULES.setAtOnce })
    const rows = unset.map((entry) => ({ ...entry, id: entry.schedule.id }))
    await eachRun(rows, signal, parts.logger, (entry) => setInTemporal(parts, entry))
  }
}
