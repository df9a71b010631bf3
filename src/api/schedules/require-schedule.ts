import { covers, type Scope } from '../../contracts/access/api-key.ts'
import type { Schedule } from '../../contracts/schedules/schedule.ts'
import type { Database } from '../../store/database/database.ts'
import { findSchedule } from '../../store/schedules/schedules.ts'
import type { Principal } from '../access/principal.ts'
import { Problem } from '../http/problems/problem.ts'

/** Scopes for schedules of others; one's own take the same without `:all`. */
const OF_OTHERS = { read: 'runs:read:all', write: 'runs:write:all' } as const satisfies Record<string, Scope>

/**
 * The schedule of this id, where the caller may read it, or pause, resume, run and delete it: its own, or with `:all` any of the tenant.
 *
 * @throws Problem not_found, also where the caller may not reach it
 */
export async function requireSchedule(
  database: Database,
  { tenant, id: principal, scopes }: Principal,
  id: string,
  action: keyof typeof OF_OTHERS,
): Promise<Schedule> {
  const schedule = await findSchedule(database, tenant, id)
  if (schedule === null) throw new Problem('not_found')
  if (schedule.principal !== principal && !covers(scopes, OF_OTHERS[action])) throw new Problem('not_found')
  return schedule
}
