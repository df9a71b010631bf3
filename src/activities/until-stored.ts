import { setTimeout as sleep } from 'node:timers/promises'
import { activityInfo, cancellationSignal } from '@temporalio/activity'
import { STORING, waitAfter } from '../policies/activities.ts'
import { isOutage } from '../store/database/outage.ts'
import { isWorkerShutdown } from './cancellation.ts'

/**
 * Stores an answer or a result, and tries again for as long as the store is away: otherwise the answer would be paid for, or the call
 * made, once more. A cancel does not end it, since the run can't be closed before the store is back. When the worker is asked to end,
 * one last try follows.
 */
export async function untilStored<T>(store: () => Promise<T>): Promise<T> {
  // The workflow task waits for a local activity, whose result costs nothing to get again.
  if (activityInfo().isLocal) return store()
  const signal = cancellationSignal()
  for (let tries = 1; ; tries += 1) {
    const isLast = isWorkerShutdown(signal)
    try {
      return await store()
    } catch (error) {
      if (!isOutage(error) || isLast) throw error
    }
    await pause(waitAfter(tries, STORING), signal)
  }
}

/** Ends early when the worker is asked to end. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) {
    await sleep(ms)
    return
  }
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
