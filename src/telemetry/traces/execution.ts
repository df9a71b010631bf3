import { isTerminal, type RunStatus } from '../../contracts/runs/run.ts'
import type { RunTimeline, TimedEvent } from '../../store/record/run-timeline.ts'

/** One execution of a run: from its acceptance, or a resumption, to an end. Times are milliseconds since 1970. */
export interface Execution {
  readonly events: readonly TimedEvent[]
  readonly beganAtMs: number
  /** When a worker began it; null where none has. */
  readonly startedAtMs: number | null
  readonly endedAtMs: number
}

/** One that may still be under way. */
export type BegunExecution = Omit<Execution, 'endedAtMs'> & { readonly endedAtMs: number | null }

/** The execution after so many resumptions, as the record has it; null where it has not ended. */
export function executionOf(timeline: Pick<RunTimeline, 'events'>, resumes: number): Execution | null {
  const begun = begunExecutionOf(timeline, resumes)
  return begun === null || begun.endedAtMs === null ? null : { ...begun, endedAtMs: begun.endedAtMs }
}

/**
 * The same, where it need not have ended; null where it has not begun.
 *
 * @param resumes 0 for the first execution
 */
export function begunExecutionOf(
  { events }: Pick<RunTimeline, 'events'>,
  resumes: number,
): BegunExecution | null {
  const begins = [0, ...events.flatMap(({ type }, place) => (type === 'run.resumed' ? [place] : []))]
  const first = begins[resumes]
  if (first === undefined) return null
  const own = events.slice(first, begins[resumes + 1])
  const end = own.findLast(({ type }) => isEnd(type))
  const [begin] = own
  if (begin === undefined) return null
  return {
    events: own,
    beganAtMs: begin.atMs,
    startedAtMs: own.find(({ type }) => type === 'run.started')?.atMs ?? null,
    endedAtMs: end?.atMs ?? null,
  }
}

function isEnd(type: TimedEvent['type']): boolean {
  const [of, what] = type.split('.')
  return of === 'run' && isTerminal(what as RunStatus)
}

/** Whether it happened in this execution, and in none before or after it. */
export function isWithin({ beganAtMs, endedAtMs }: BegunExecution, atMs: number): boolean {
  return beganAtMs <= atMs && (endedAtMs === null || atMs <= endedAtMs)
}
