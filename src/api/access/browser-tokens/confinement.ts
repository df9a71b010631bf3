import type { RunId } from '../../../contracts/runs/run.ts'
import type { ThreadId } from '../../../contracts/threads/thread.ts'
import type { Principal } from '../principal.ts'

/** What a browser token is for, and nothing beyond. */
export interface Confinement {
  readonly target: { readonly runId: RunId } | { readonly threadId: ThreadId }
  /** Whether it may write to that, too: messages, cancels and, in a thread, turns. */
  readonly write: boolean
  /** The agents that it may start turns of; null: all. */
  readonly agents: readonly string[] | null
}

/** Whether the caller's credential is for this thread. One that is no browser token is for all threads. */
export function isForThread({ confinement }: Principal, id: string): boolean {
  if (confinement === undefined) return true
  const { target } = confinement
  return 'threadId' in target && target.threadId === id
}

interface RunPlace {
  readonly id: RunId
  readonly threadId: ThreadId | null
}

/** Whether the caller's credential is for this run: for the very run, or for the thread in which it is a turn. */
export function isForRun(caller: Principal, { id, threadId }: RunPlace): boolean {
  if (caller.confinement === undefined) return true
  const { target } = caller.confinement
  if ('runId' in target) return target.runId === id
  return threadId !== null && isForThread(caller, threadId)
}
