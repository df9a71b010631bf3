import type { Took } from '../telemetry/facts.ts'

export interface Stopwatch {
  /** The time from the beginning until now. */
  read(): Took
}

/** Begins to measure. The end never lies after the moment of the reading, so that what is measured fits into what comes around it. */
export function startWatch(): Stopwatch {
  const startedAtMs = Date.now()
  const since = performance.now()
  return { read: () => ({ startedAtMs, durationMs: Math.floor(performance.now() - since) }) }
}
