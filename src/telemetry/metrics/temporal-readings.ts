import type { ConnectionLike } from '@temporalio/client'
import { METRICS } from '../../policies/operations/telemetry.ts'
import { cached } from '../cached.ts'
import { type ReadingSource, reading } from './readings.ts'

/** Whether Temporal answers this process. */
export function temporalReadings(connection: ConnectionLike): ReadingSource {
  const isUp = cached(
    () =>
      connection.withDeadline(Date.now() + METRICS.answersWithinMs, async () => {
        await connection.workflowService.getSystemInfo({})
        return true
      }),
    { keptMs: METRICS.pingedEveryMs, withinMs: METRICS.answersWithinMs },
  )
  return async () => [reading('holdfast_temporal_up', {}, (await isUp()) === true ? 1 : 0)]
}
