/** Bounds of threads. */
export const THREADS = {
  titleCharacters: 200,
  /** Turns of one thread that may wait; the next one is answered 429. */
  waitingTurns: 50,
  /** Threads that a sweep looks after at a time. */
  sweepThreads: 100,
} as const
