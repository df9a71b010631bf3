import { bytesOf, type HistoryEvent } from './history.ts'

export interface StepSize {
  readonly step: number
  readonly bytes: number
  /** What it is made of: bytes by event, in the order of history. */
  readonly events: readonly { readonly name: string; readonly bytes: number }[]
}

/** What each model step adds to history: from its first model call to the next step's. What is before the first is left out. */
export function stepSizes(history: readonly HistoryEvent[]): StepSize[] {
  const steps: { step: number; bytes: number; events: { name: string; bytes: number }[] }[] = []
  for (const event of history) {
    const step = stepBegunBy(event)
    if (step !== null && step !== steps.at(-1)?.step) steps.push({ step, bytes: 0, events: [] })
    const current = steps.at(-1)
    if (current === undefined) continue
    const bytes = bytesOf(event)
    current.bytes += bytes
    current.events.push({ name: nameOf(event), bytes })
  }
  return steps
}

function stepBegunBy(event: HistoryEvent): number | null {
  const scheduled = event.activityTaskScheduledEventAttributes
  if (scheduled?.activityType?.name !== 'callModel') return null
  const input = scheduled.input?.payloads?.[0]?.data
  return input ? (JSON.parse(Buffer.from(input).toString()) as { step: number }).step : null
}

/** `ActivityTaskScheduled` and the like. */
function nameOf(event: HistoryEvent): string {
  const attributes = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? 'unknown'
  return attributes.slice(0, -'EventAttributes'.length)
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
