/** A history as its file holds it. */
export interface HistoryJson {
  readonly events: readonly EventJson[]
}

interface EventJson {
  readonly eventId: string
  readonly eventType: string
  readonly [attributes: string]: unknown
}

export interface Mutation {
  readonly what: string
  /** The share of all histories that have such a place, at least. */
  readonly leastShare: number
  /**
   * A history of another workflow than ours, and well-formed: its events are numbered as they should be. null where this
   * one has no such place.
   */
  mutate(history: HistoryJson): HistoryJson | null
}

/** Since 0.3.0 a run has a timer only where something is due within minutes, or waits for a person. */
const SHARE_WITH_TIMERS = 0.6

export const MUTATIONS: readonly Mutation[] = [
  {
    what: 'an activity of another type',
    leastShare: 1,
    mutate({ events }) {
      const scheduled = first(events, 'ACTIVITY_TASK_SCHEDULED')
      return {
        events: events.map((event) =>
          event === scheduled ? withAttributes(event, { activityType: { name: 'somethingElse' } }) : event,
        ),
      }
    },
  },
  {
    what: 'an activity that is not there',
    leastShare: 1,
    // Not the first: where a run stops its model call, its workflow takes back what it had asked for.
    mutate({ events }) {
      const { eventId } = last(events, 'ACTIVITY_TASK_SCHEDULED')
      return renumbered(
        events.filter(
          (event) => event.eventId !== eventId && attributesOf(event)['scheduledEventId'] !== eventId,
        ),
      )
    },
  },
  {
    what: 'a timer and an activity in the other order',
    leastShare: SHARE_WITH_TIMERS,
    mutate({ events }) {
      // Asked for in one workflow task, one right after the other but for what local activities leave.
      const timer = events.find((event) => partnerOf(event, events) !== undefined)
      const activity = timer && partnerOf(timer, events)
      if (!activity) return null
      return renumbered(
        events.map((event) => (event === timer ? activity : event === activity ? timer : event)),
      )
    },
  },
  {
    what: 'a timer that is not there',
    leastShare: SHARE_WITH_TIMERS,
    mutate({ events }) {
      const timer = events.find(({ eventType }) => eventType === 'EVENT_TYPE_TIMER_STARTED')
      if (timer === undefined) return null
      const { eventId } = timer
      return renumbered(
        events.filter(
          (event) => event.eventId !== eventId && attributesOf(event)['startedEventId'] !== eventId,
        ),
      )
    },
  },
]

/** What replay does not look at: the arguments an activity is called with. */
export function withOtherInput({ events }: HistoryJson): HistoryJson {
  const scheduled = first(events, 'ACTIVITY_TASK_SCHEDULED')
  const data = Buffer.from('{"something":"else"}').toString('base64')
  const metadata = { encoding: Buffer.from('json/plain').toString('base64') }
  return {
    events: events.map((event) =>
      event === scheduled ? withAttributes(event, { input: { payloads: [{ metadata, data }] } }) : event,
    ),
  }
}

function first(events: readonly EventJson[], type: string): EventJson {
  const found = events.find(({ eventType }) => eventType === `EVENT_TYPE_${type}`)
  if (found === undefined) throw new Error(`The history has no ${type}`)
  return found
}

/** The activity that was asked for in the same workflow task as a timer was. */
function partnerOf(timer: EventJson, events: readonly EventJson[]): EventJson | undefined {
  if (timer.eventType !== 'EVENT_TYPE_TIMER_STARTED') return undefined
  const { workflowTaskCompletedEventId: task } = attributesOf(timer)
  return events.find(
    (event) =>
      event.eventType === 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED' &&
      attributesOf(event)['workflowTaskCompletedEventId'] === task,
  )
}

function last(events: readonly EventJson[], type: string): EventJson {
  return first(events.toReversed(), type)
}

function attributesName(event: EventJson): string {
  const name = Object.keys(event).find((key) => key.endsWith('EventAttributes'))
  if (name === undefined) throw new Error(`Event ${event.eventId} has no attributes`)
  return name
}

function attributesOf(event: EventJson): Record<string, unknown> {
  return event[attributesName(event)] as Record<string, unknown>
}

function withAttributes(event: EventJson, change: Record<string, unknown>): EventJson {
  return { ...event, [attributesName(event)]: { ...attributesOf(event), ...change } }
}

/** Numbers the events from 1 again, and what refers to them. */
function renumbered(events: readonly EventJson[]): HistoryJson {
  const numbers = new Map(events.map(({ eventId }, index) => [eventId, String(index + 1)]))
  const text = JSON.stringify({ events }, (key, value: unknown) =>
    /eventId$/i.test(key) && typeof value === 'string' ? (numbers.get(value) ?? value) : value,
  )
  return JSON.parse(text) as HistoryJson
}
