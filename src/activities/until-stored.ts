import { setTimeout as sleep } from 'node:timers/promises'
import { activityInfo, cancellationSignal } from '@temporalio/activity'
import { STORING, waitAfter } from '../policies/activities.ts'
import { isOutage } from '../store/database/outage.ts'

/**
 * Stores what an attempt has in hand, again and again for as long as the store is away: given up, it would have to be paid for
 * or carried out once more. A cancel does not end it, since the run can't be closed before the store is back. A worker that is
 * asked to end gives it a last try.
 */
export async function untilStored<T>(store: () => Promise<T>): Promise<T> {
  // The workflow task waits for a local activity, which holds nothing that is dear.
  if (activityInfo().isLocal) return store()
  const signal = cancellationSignal()
  for (let tries = 1; ; tries += 1) {
    const isLast = endsWorker(signal)
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

/** Whether it is the worker that is asked to end, and not the activity that is cancelled. */
export function endsWorker({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof Error && reason.message === 'WORKER_SHUTDOWN'
}
