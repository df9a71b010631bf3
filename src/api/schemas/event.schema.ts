import { z } from 'zod'
import { EVENT_TYPES } from '../../contracts/event.ts'
import { runId } from './ids.schema.ts'
import { afterSeq, limit, pageOf } from './paging.schema.ts'

export const event = z
  .strictObject({
    object: z.literal('event'),
    seq: z.int().describe('From 1, without gaps. The `id` of the same event in a stream.'),
    run_id: runId,
    type: z.enum(EVENT_TYPES),
    data: z.record(z.string(), z.unknown()),
    at: z.iso.datetime(),
  })
  .meta({ id: 'Event' })
export type EventResource = z.output<typeof event>

export const eventPage = pageOf(event).meta({ id: 'EventPage' })

/** For the document: its reader tells what is wrong with it. */
export const eventsHeaders = z.looseObject({
  'last-event-id': z
    .string()
    .optional()
    .describe('For a stream: the `id` of the last event that came; counts before `after`.'),
})

export const eventsQuery = z.strictObject({ limit, after: afterSeq })
