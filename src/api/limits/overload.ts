import type { LoadBounds } from '../../policies/api-limits.ts'

/** What a process has to do at the moment. */
export interface Load {
  readonly underWay: number
  readonly waitingStatements: number
  readonly heapShare: number
}

/** What a process has too much of, or too little. */
export type Overload = 'under_way' | 'store' | 'heap' | 'connections'

/** Whether a load is beyond the bounds, and of what. */
export function overloadOf(
  load: Load,
  bounds: Omit<LoadBounds, 'work'>,
  mostUnderWay: number,
): Overload | null {
  if (load.underWay >= mostUnderWay) return 'under_way'
  if (load.waitingStatements >= bounds.waitingStatements) return 'store'
  if (load.heapShare >= bounds.heapShare) return 'heap'
  return null
}
