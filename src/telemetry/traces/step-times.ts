import type { TimedEvent } from '../../store/record/run-timeline.ts'
import type { BegunExecution } from './execution.ts'

/** Milliseconds since 1970. */
export interface StepTime {
  readonly step: number
  readonly startMs: number
  readonly endMs: number
}

/**
 * The times of an execution's steps. They tile it from its start to its end: a step ends with its last event, and the next one begins
 * there, so that what lies between them, such as the time in a queue, is the next one's. Of an execution that is under way the last step is
 * left out, since it may not have ended.
 *
 * @param known numbers of steps that something is known of besides the events
 */
export function stepTimes(execution: BegunExecution, known: Iterable<number>): StepTime[] {
  const lastAt = new Map<number, number>()
  for (const event of execution.events) {
    const step = stepOf(event)
    if (step !== null) lastAt.set(step, Math.max(event.atMs, lastAt.get(step) ?? 0))
  }
  const steps = [...new Set([...lastAt.keys(), ...known])].sort((one, other) => one - other)
  const times: StepTime[] = []
  let startMs = execution.startedAtMs ?? execution.beganAtMs
  for (const [place, step] of steps.entries()) {
    const isLast = place === steps.length - 1
    const endMs = isLast ? execution.endedAtMs : Math.max(startMs, lastAt.get(step) ?? startMs)
    if (endMs === null) break
    times.push({ step, startMs, endMs })
    startMs = endMs
  }
  return times
}

/** The step that an event belongs to; null where it belongs to none, as a copy of a sub-agent's event. */
function stepOf({ type, step, approvalId, childRunId }: TimedEvent): number | null {
  if (type.startsWith('approval.') && childRunId !== null) return null
  if (step !== null) return step
  const [, ofApproval] = /_(\d+)_\d+_\d+$/.exec(approvalId ?? '') ?? []
  return ofApproval === undefined ? null : Number(ofApproval)
}
