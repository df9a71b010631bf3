import { heartbeat } from '@temporalio/activity'
import { MODEL_CLOCKS } from '../policies/models.ts'

/**
 * Tells Temporal all along that the work lives, so that a store which is slow to answer doesn't make an attempt look lost. A
 * cancel, too, reaches an activity only in answer to a heartbeat.
 */
export async function withHeartbeat<T>(work: () => Promise<T>): Promise<T> {
  const beat = setInterval(heartbeat, MODEL_CLOCKS.heartbeatEveryMs)
  try {
    return await work()
  } finally {
    clearInterval(beat)
  }
}
