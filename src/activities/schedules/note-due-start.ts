import type { Activities } from '../../contracts/activities.ts'
import { noteDueStart } from '../../store/schedules/scheduled-starts.ts'
import type { Dependencies } from '../dependencies.ts'

/**
 * Notes that a schedule's time has come. It belongs to no run, and does not believe its input: whoever reaches Temporal and calls it has a
 * schedule of the store start, once, what it starts anyway, as that schedule's principal and by its key's rights.
 */
export function createNoteDueStart({ database }: Pick<Dependencies, 'database'>): Activities['noteDueStart'] {
  return ({ scheduleId, at }) => noteDueStart(database, { scheduleId, at })
}
