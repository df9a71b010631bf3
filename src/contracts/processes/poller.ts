/** `temporal.api.enums.v1.TaskQueueType` */
export const TASK_QUEUE_TYPE = { workflow: 1, activity: 2 } as const

/** Whoever asks a task queue for tasks, as Temporal describes it. */
export interface Poller {
  readonly lastAccessTime?: { readonly seconds?: unknown } | null
}

/** Those that have asked within `ms`: Temporal goes on listing those that are gone for some minutes. */
export function pollersWithin<P extends Poller>(
  pollers: readonly P[] | null | undefined,
  ms: number,
  nowMs: number,
): P[] {
  return (pollers ?? []).filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds) * 1_000 > nowMs - ms)
}
