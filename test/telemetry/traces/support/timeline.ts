import type { TimedEvent } from '../../../../src/store/record/run-timeline.ts'

/** Events one after the other, each with its time, and with what a test gives it. */
export function eventsAt(
  ...events: readonly (Pick<TimedEvent, 'type' | 'atMs'> & Partial<TimedEvent>)[]
): TimedEvent[] {
  return events.map((event, place) => ({
    seq: place + 1,
    step: null,
    index: null,
    approvalId: null,
    tool: null,
    childRunId: null,
    waits: false,
    to: null,
    ...event,
  }))
}
