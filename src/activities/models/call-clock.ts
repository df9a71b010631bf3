import type { Took } from '../../telemetry/facts.ts'
import { startWatch } from '../stopwatch.ts'

export interface CallTiming extends Took {
  /** Absent where no byte has come. */
  readonly firstByteMs?: number
}

/** Measures one attempt of a model call, from its request. */
export interface CallClock {
  /** Notes that a byte of the answer has come. */
  hear(): void
  read(): CallTiming
}

export function startCallClock(): CallClock {
  const watch = startWatch()
  let firstByteMs: number | null = null
  return {
    hear() {
      firstByteMs ??= watch.read().durationMs
    },
    read: () => ({ ...watch.read(), ...(firstByteMs !== null && { firstByteMs }) }),
  }
}
