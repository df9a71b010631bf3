import type { LoadBounds } from '../../policies/api-limits.ts'

/** What a process has to do at the moment. */
export interface Load extends LoadBounds {
  /** Whether the event loop has used up its processor. */
  readonly busy: boolean
}

/** What a process has too much of, or too little. */
export type Overload = 'under_way' | 'store' | 'event_loop' | 'heap'

/** Whether a load is beyond the bounds, and of what. */
export function overloadOf(load: Load, bounds: LoadBounds): Overload | null {
  if (load.workShare >= bounds.workShare) return 'under_way'
  if (load.waitingStatements >= bounds.waitingStatements) return 'store'
  if (load.busy && load.eventLoopDelayMs >= bounds.eventLoopDelayMs) return 'event_loop'
  if (load.heapShare >= bounds.heapShare) return 'heap'
  return null
}
