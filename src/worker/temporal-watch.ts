import { TEMPORAL_LOG } from '../policies/operations/logs.ts'
import type { OutageWatch } from '../store/database/outage-watch.ts'

/** Notices that a worker's connection to Temporal is gone, and that it is back: the SDK tells the first many times, and never the second. */
export interface TemporalWatch {
  /** The SDK could not reach Temporal, after some tries of its own. */
  lost(error: unknown): void
  /**
   * Gives the watch a call by which it looks whether Temporal is back. Called while Temporal is away; it may retry for itself.
   *
   * @returns ends the looking
   */
  lookBy(look: () => Promise<unknown>): () => void
}

export function createTemporalWatch(
  outage: OutageWatch,
  everyMs: number = TEMPORAL_LOG.lookEveryMs,
): TemporalWatch {
  let look: (() => Promise<unknown>) | null = null
  let isLooking = false

  async function lookAgain(): Promise<void> {
    const call = look
    if (call === null) {
      isLooking = false
      return
    }
    try {
      await call()
      isLooking = false
      if (call === look) outage.answered()
    } catch (error) {
      outage.lost(error)
      setTimeout(() => void lookAgain(), everyMs).unref()
    }
  }

  return {
    lost(error) {
      outage.lost(error)
      if (isLooking) return
      isLooking = true
      void lookAgain()
    },
    lookBy(call) {
      look = call
      return () => {
        look = null
      }
    },
  }
}
