import { z } from 'zod'
import { EVENT_TYPES, type EventType } from '../../contracts/events/event.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import { afterSeq, limit, pageOf } from '../http/paging/paging.schema.ts'
import { runId } from '../http/requests/ids.schema.ts'
import { EVENT_DATA } from './event-data.schema.ts'

const seq = z.int().min(1).describe('From 1, without gaps. The `id` of the same event in a stream.')

/** `run.completed` → `RunCompletedEvent`. */
function nameOf(type: string): string {
  const words = type.split(/[._]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return `${words.join('')}Event`
}

function eventOf<T extends EventType>(type: T) {
  return z
    .strictObject({
      object: z.literal('event'),
      seq,
      run_id: runId,
      type: z.literal(type),
      data: EVENT_DATA[type],
      at: z.iso.datetime(),
    })
    .meta({ id: nameOf(type) })
}

export interface EventResource {
  object: 'event'
  seq: number
  run_id: RunId
  type: EventType
  data: Record<string, unknown>
  at: string
}

/** OpenAPI's word for which schema of a union holds: by the member `type`. */
function byType(schemas: Readonly<Record<string, string>>) {
  const mapping = Object.entries(schemas).map(([type, name]) => [type, `#/components/schemas/${name}`])
  return { discriminator: { propertyName: 'type', mapping: Object.fromEntries(mapping) } }
}

const EVENT_SCHEMAS = Object.fromEntries(EVENT_TYPES.map((type) => [type, nameOf(type)]))

const [first, ...others] = EVENT_TYPES
const anyEvent = z.discriminatedUnion('type', [eventOf(first), ...others.map(eventOf)])
export const event: z.ZodType<EventResource> = anyEvent.meta({ id: 'Event', ...byType(EVENT_SCHEMAS) })

export const eventPage = pageOf(event).meta({ id: 'EventPage' })

const onItsWay = {
  object: z.literal('delta'),
  run_id: runId,
  step: z.int(),
  hop: z.int().describe('Place of the model in the chain, from 0.'),
  attempt: z.int().describe('From 1. Text of an earlier attempt is void when a later one begins.'),
}

/** Both stand in streams only; they have no `id` and are not stored. */
const modelStarted = z
  .strictObject({ ...onItsWay, type: z.literal('model.started') })
  .meta({ id: 'ModelStarted' })
const modelDelta = z
  .strictObject({ ...onItsWay, type: z.literal('model.delta'), text: z.string() })
  .meta({ id: 'ModelDelta' })
export type DeltaResource = z.output<typeof modelStarted> | z.output<typeof modelDelta>

const DELTA_SCHEMAS = { 'model.started': 'ModelStarted', 'model.delta': 'ModelDelta' }

/** What stands in `data` lines of a run's stream. */
export const streamEntry = z
  .union([event, modelStarted, modelDelta])
  .meta({ id: 'RunStreamEntry', ...byType({ ...EVENT_SCHEMAS, ...DELTA_SCHEMAS }) })

/** For the OpenAPI document only: the route reads the header and refuses mistakes. */
export const eventsHeaders = z.looseObject({
  'last-event-id': z
    .string()
    .optional()
    .describe('For a stream: the `id` of the last event that came; counts before `after`.')
    .meta({ pattern: '^(0|[1-9][0-9]{0,8})?$' }),
})

export const eventsQuery = z.strictObject({ limit, after: afterSeq })
