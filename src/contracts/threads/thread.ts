/** `thr_` and 26 characters that sort by time of creation. */
export type ThreadId = `thr_${string}`

/** What a run does that is started in a thread while another turn is in flight or waits. */
export const MULTITASK_STRATEGIES = ['enqueue', 'reject', 'interrupt', 'rollback'] as const
export type MultitaskStrategy = (typeof MULTITASK_STRATEGIES)[number]

/** A run's place in its thread, fixed when its turn begins. */
export interface ThreadPlace {
  readonly threadId: ThreadId
  /** The thread's message that the run's first message becomes: as many places of earlier turns stand before it. */
  readonly seq: number
}
