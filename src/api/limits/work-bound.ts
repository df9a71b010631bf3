import { LOAD_SHEDDING, type WorkBounds } from '../../policies/api-limits.ts'

/** How many requests may be under way at once, so that each is answered in time. */
export interface WorkBound {
  readonly now: number
  /** A request was refused since the bound was reached. */
  refused(): void
  /** A request has ended. Times are in milliseconds, of one clock. */
  ended(beganAt: number, now: number): void
  /** Looks at what has ended, and moves the bound. */
  adjust(underWay: number, now: number): void
}

/**
 * What a process gets done at once depends on its machine, its store and its Temporal. So the bound follows what requests take. While they take
 * too long, it falls to what is done in time by Little's law, in one step; it rises by a tenth while some are refused and the others are quick.
 */
export function createWorkBound({ begin, least, most, meanMs }: WorkBounds): WorkBound {
  let bound = begin
  let loweredAt = Number.NEGATIVE_INFINITY
  let ended = 0
  let tookMs = 0
  let isReached = false

  function lower(mean: number, now: number): void {
    bound = Math.max(Math.floor((bound * meanMs) / mean), least)
    loweredAt = now
  }

  return {
    get now() {
      return bound
    },
    refused() {
      isReached = true
    },
    ended(beganAt, now) {
      // Requests that were let in by a higher bound would lower it again and again.
      if (beganAt < loweredAt) return
      ended += 1
      tookMs += now - beganAt
    },
    adjust(underWay, now) {
      if (ended < LOAD_SHEDDING.sampleRequests) return
      const mean = tookMs / ended
      if (mean <= meanMs) {
        if (isReached) bound = Math.min(Math.ceil(bound * 1.1), most)
      }
      // Where hardly anything is under way, fewer of them would not be quicker.
      else if (isReached || underWay >= bound / 2) lower(mean, now)
      ended = 0
      tookMs = 0
      isReached = false
    },
  }
}
