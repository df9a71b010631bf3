import { HTTP } from '../../policies/api.ts'
import { createDoorbell } from './doorbell.ts'

interface Wait<T> {
  /** Calls back whenever it may be worth another look; returns what ends that. */
  subscribe(onChange: () => void): () => void
  look(): Promise<T>
  isDone(found: T): boolean
  /** 0: one look. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Looks until what is found is done, the time is up or `signal` aborts, and returns what was found last. It also looks without
 * being called, since a notification can get lost.
 */
export async function waitUntil<T>({ subscribe, look, isDone, timeoutMs, signal }: Wait<T>): Promise<T> {
  const bell = createDoorbell()
  const unsubscribe = subscribe(bell.ring)
  const deadline = performance.now() + timeoutMs
  try {
    for (;;) {
      const found = await look()
      const leftMs = deadline - performance.now()
      if (isDone(found) || leftMs <= 0 || signal.aborted) return found
      await bell.wait(Math.min(leftMs, HTTP.sseHeartbeatMs), signal)
    }
  } finally {
    unsubscribe()
  }
}
