interface Bounds {
  readonly soonestReturnMs: number
  readonly latestReturnMs: number
}

/** Tells calls that were refused when to come back: one after the other, at the pace at which others are served. */
export interface ReturnTimes {
  /**
   * @param key calls with the same key come back one after the other
   * @param everyMs the time from one of them to the next
   * @param earliestMs when the first can be served
   * @returns milliseconds from now on
   */
  next(key: string, everyMs: number, earliestMs?: number): number
}

/**
 * Without this all refused calls would come back at the same time, nearly all in vain. A time that was given counts as taken, whether
 * its call comes back or not; a refused call that comes again gets a new one.
 */
export function createReturnTimes(
  now: () => number,
  { soonestReturnMs, latestReturnMs }: Bounds,
): ReturnTimes {
  const lastGiven = new Map<string, number>()

  return {
    next(key, everyMs, earliestMs = 0) {
      const present = now()
      for (const [other, at] of lastGiven) if (at <= present) lastGiven.delete(other)
      const after = (lastGiven.get(key) ?? 0) + everyMs - present
      const returnMs = Math.max(after, earliestMs, soonestReturnMs)
      // Calls that come after the latest time share it. A bucket may need longer than that.
      const boundedMs = Math.max(Math.min(returnMs, latestReturnMs), earliestMs)
      lastGiven.set(key, present + boundedMs)
      return boundedMs
    },
  }
}
