import { MODEL_CLOCKS } from '../policies/models/models.ts'
import { beat } from './heartbeat.ts'

/**
 * Sends heartbeats during the work, so that Temporal does not count an attempt as lost while a slow store answers. A cancel, too,
 * reaches an activity only in answer to a heartbeat.
 */
export async function withHeartbeat<T>(work: () => Promise<T>): Promise<T> {
  const interval = setInterval(beat, MODEL_CLOCKS.heartbeatEveryMs)
  try {
    return await work()
  } finally {
    clearInterval(interval)
  }
}
