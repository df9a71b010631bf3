import { METRICS } from '../../policies/operations/telemetry.ts'
import type { Database } from '../../store/database/database.ts'
import { cached } from '../cached.ts'
import { type ReadingSource, reading } from './readings.ts'

/** Whether the store answers this process, and how busy the connections to it are. */
export function storeReadings(database: Pick<Database, 'ping' | 'connections'>): ReadingSource {
  const isUp = cached(() => database.ping().then(() => true), {
    keptMs: METRICS.pingedEveryMs,
    withinMs: METRICS.answersWithinMs,
  })
  return async () => {
    // Before anything is asked of the store: the page's own statements are not what anybody wants to know of.
    const { used, idle, waiting } = database.connections()
    const up = await isUp()
    return [
      reading('holdfast_store_up', {}, up === true ? 1 : 0),
      reading('holdfast_db_pool_connections', { state: 'used' }, used),
      reading('holdfast_db_pool_connections', { state: 'idle' }, idle),
      reading('holdfast_db_pool_waiting', {}, waiting),
    ]
  }
}
