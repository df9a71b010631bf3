import type { TimedEvent } from '../../store/record/run-timeline.ts'
import type { FactOf } from '../facts.ts'
import type { Execution } from './execution.ts'
import type { FinishedSpan } from './finished-span.ts'
import { SPAN } from './names.ts'
import { runSpanId, stepSpanId, waitSpanId } from './span-ids.ts'
import { about } from './spans-of-fact.ts'
import type { StepTime } from './step-times.ts'

const WAITS = [
  { waitsFor: 'models', begins: 'models.away', ends: 'models.returned', name: SPAN.modelWait },
  { waitsFor: 'budget', begins: 'budget.reached', ends: 'budget.resumed', name: SPAN.budgetWait },
] as const

/** The waits of an execution for models and for its budget: each from the event that it began with to the one that has ended it. */
export function waitSpans(
  { run, agent }: FactOf<'run.ended'>,
  { events, endedAtMs }: Execution,
  steps: readonly StepTime[],
  agentAt: (step: number) => string,
): FinishedSpan[] {
  return WAITS.flatMap(({ waitsFor, begins, ends, name }) =>
    stretches(events, begins, ends).map(({ first, last }): FinishedSpan => {
      const startMs = first.atMs
      const step = steps.findLast((time) => time.startMs <= startMs)
      return {
        name,
        kind: 'internal',
        traceId: run.trace.traceId,
        spanId: waitSpanId(run, waitsFor, first.seq),
        parentSpanId: step === undefined ? runSpanId(run) : stepSpanId(run, step.step),
        startMs,
        endMs: Math.min(last?.atMs ?? endedAtMs, step?.endMs ?? endedAtMs),
        attributes: about(
          step === undefined ? { run, agent } : { run, agent: agentAt(step.step), step: step.step },
        ),
      }
    }),
  )
}

/** From each event that begins a wait to the one that ends it; a wait that goes on is not begun anew. */
function stretches(events: readonly TimedEvent[], begins: string, ends: string) {
  const found: { readonly first: TimedEvent; last: TimedEvent | null }[] = []
  for (const event of events) {
    const open = found.at(-1)
    const isOpen = open !== undefined && open.last === null
    if (event.type === begins && event.waits && !isOpen) found.push({ first: event, last: null })
    if (event.type === ends && isOpen) open.last = event
  }
  return found
}
