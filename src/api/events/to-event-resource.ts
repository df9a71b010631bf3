import type { RunEvent } from '../../contracts/events/event.ts'
import type { EventResource } from './event.schema.ts'

export function toEventResource({ runId, seq, type, data, at }: RunEvent): EventResource {
  return { object: 'event', seq, run_id: runId, type, data, at }
}
