import { HTTP } from '../../policies/api.ts'
import { createWakeUp } from './wake-up.ts'

interface Wait<T> {
  /** Calls back when something may have changed; returns the function that ends the subscription. */
  subscribe(onChange: () => void): () => void
  look(): Promise<T>
  isDone(found: T): boolean
  /** 0: `look` is called once. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Calls `look` until its result is done, the time is up or `signal` aborts, and returns the last result. It also looks at every
 * heartbeat, since a notification can get lost.
 */
export async function waitUntil<T>({ subscribe, look, isDone, timeoutMs, signal }: Wait<T>): Promise<T> {
  const wakeUp = createWakeUp()
  const unsubscribe = subscribe(wakeUp.wake)
  const deadline = performance.now() + timeoutMs
  try {
    for (;;) {
      const found = await look()
      const leftMs = deadline - performance.now()
      if (isDone(found) || leftMs <= 0 || signal.aborted) return found
      await wakeUp.wait(Math.min(leftMs, HTTP.sseHeartbeatMs), signal)
    }
  } finally {
    unsubscribe()
  }
}
