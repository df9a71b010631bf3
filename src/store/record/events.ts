import type { RunEvent } from '../../contracts/events/event.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/** The channel that says which run has new events. */
export const EVENT_CHANNEL = 'holdfast_event'

export interface EventPage {
  readonly tenant: string
  readonly runId: string
  /** The last seq that the caller has; 0 for none. */
  readonly after: number
  readonly limit: number
}

const LIST_EVENTS = statement(
  'list_events',
  `
  select run_id as "runId", seq, type, data, at from run_events
  where run_id = :run_id and tenant = :tenant and seq > :after
  order by seq limit :limit`,
)

/** In the order in which they happened. */
export async function listEvents(db: Db, { tenant, runId, after, limit }: EventPage): Promise<RunEvent[]> {
  return db.query<RunEvent>(LIST_EVENTS.with({ run_id: runId, tenant, after, limit }))
}

/** The notice in a notification on {@link EVENT_CHANNEL}; null where the payload is not ours. */
export function parseEventNotice(
  payload: string,
): { readonly runId: string; readonly lastSeq: number } | null {
  const match = /^(run_[^:]+):(\d+)$/.exec(payload)
  return match?.[1] && match[2] ? { runId: match[1], lastSeq: Number(match[2]) } : null
}
