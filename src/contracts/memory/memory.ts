import type { RunId } from '../runs/run.ts'
import type { ThreadId } from '../threads/thread.ts'

/** `mem_`, and the run, step and place of the call that has kept the fact first. */
export type MemoryId = `mem_${string}`

/** A fact that an agent has kept about a principal. Times are RFC 3339, UTC, with milliseconds. */
export interface Memory {
  readonly id: MemoryId
  readonly tenant: string
  readonly principal: string
  readonly fact: string
  readonly about: string | null
  readonly source: MemorySource
  /** When it was kept first. */
  readonly createdAt: string
  /** When it was kept last, by the call of `source`. */
  readonly keptAt: string
  /** The person who has written the text as it is; null where that is an agent's. */
  readonly editedBy: string | null
  readonly editedAt: string | null
}

/** The call that has kept a fact, the last one where several have. */
export interface MemorySource {
  readonly agent: string
  readonly runId: RunId
  /** Of the run, or of the run that its sub-agent worked for. */
  readonly threadId: ThreadId | null
  readonly step: number
  /** Place of the call in its step. */
  readonly index: number
  /** Place of the call's result in the run's transcript: what stands before it is what the model had read. */
  readonly seq: number
  /** What the run had read by then from others than its principal: `tool:<name>`, `user:<name>`, `file:<id>`. */
  readonly taintedBy: readonly string[]
}

/** Whether a fact may come from somebody else than its principal: something else was read before, and no person has written the text since. */
export function isTainted({ source, editedBy }: Pick<Memory, 'source' | 'editedBy'>): boolean {
  return source.taintedBy.length > 0 && editedBy === null
}

/** A fact or subject in one line, so that the same words are the same fact. */
export function inOneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}
