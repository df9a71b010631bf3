import type { FastifyBaseLogger } from 'fastify'
import { findUnsetSchedules, markSet, type UnsetSchedule } from '../../store/schedules/unset-schedules.ts'
import type { ApiContext } from '../context.ts'
import { Problem } from '../http/problems/problem.ts'

type Parts = Pick<ApiContext, 'database' | 'schedules'>

/** Tells Temporal of a change of a schedule, and notes that it knows. */
export async function setInTemporal({ database, schedules }: Parts, unset: UnsetSchedule): Promise<void> {
  if (unset.deleted) await schedules.remove(unset.schedule)
  else await schedules.put(unset.schedule, unset.revision)
  await markSet(database, unset)
}

/**
 * The same for the one that a request has changed. Where Temporal does not answer it is left to the sweeper.
 *
 * @returns whether Temporal knows the schedule as it is
 */
export async function setAtOnce(
  parts: Parts,
  id: string,
  log: Pick<FastifyBaseLogger, 'warn'>,
): Promise<boolean> {
  let isSet = true
  for (const unset of await findUnsetSchedules(parts.database, { id, limit: 1 })) {
    await setInTemporal(parts, unset).catch((error: unknown) => {
      if (!(error instanceof Problem)) throw error
      log.warn({ err: error, scheduleId: id }, 'changed a schedule that Temporal does not know of yet')
      isSet = false
    })
  }
  return isSet
}
