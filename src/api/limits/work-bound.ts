import { LOAD_SHEDDING } from '../../policies/api-limits.ts'

/** How many requests may be under way at once, so that each is answered in time. */
export interface WorkBound {
  readonly now: number
  /** A request was refused since the bound was reached. */
  refused(): void
  /** A request has ended after so long. */
  ended(durationMs: number): void
  /** Looks at what has ended since the last look, and moves the bound. */
  adjust(underWay: number): void
}

/**
 * What a process gets done at once depends on its machine, its store and its Temporal. So the bound follows what requests take: it falls by a fifth
 * while those under way take too long, and rises by a tenth while some are refused and the others are quick.
 */
export function createWorkBound(): WorkBound {
  const { begin, least, most, meanMs, fewest } = LOAD_SHEDDING.work
  let bound: number = begin
  let ended = 0
  let tookMs = 0
  let isReached = false

  return {
    get now() {
      return bound
    },
    refused() {
      isReached = true
    },
    ended(durationMs) {
      ended += 1
      tookMs += durationMs
    },
    adjust(underWay) {
      if (ended >= fewest) {
        const isSlow = tookMs / ended > meanMs
        // Where hardly anything is under way, fewer of them would not be quicker.
        if (isSlow && (isReached || underWay >= bound / 2)) bound = Math.max(Math.floor(bound * 0.8), least)
        if (!isSlow && isReached) bound = Math.min(Math.ceil(bound * 1.1), most)
      }
      ended = 0
      tookMs = 0
      isReached = false
    },
  }
}
