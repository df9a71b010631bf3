import type { RunEvent } from '../../contracts/events/event.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { StepRange } from './step-range.ts'

export interface EventsBetween extends Pick<StepRange, 'tenant' | 'runId'> {
  /** From this time on; null: from the beginning. */
  readonly from: string | null
  /** Before this time; null: to the end. */
  readonly before: string | null
}

const BETWEEN = statement(
  'list_events_between',
  `
  select run_id as "runId", seq, type, data, at from run_events
  where run_id = :run_id and tenant = :tenant
    and at >= coalesce(:from::timestamptz, '-infinity') and at < coalesce(:before::timestamptz, 'infinity')
  order by seq`,
)

const HANDOFFS = statement(
  'list_handoffs',
  `
  select (data ->> 'step')::integer as step, data ->> 'to' as "to" from run_events
  where run_id = :run_id and tenant = :tenant and type = 'agent.handed_off' order by seq`,
)

/** In their order. */
export function listEventsBetween(
  db: Db,
  { tenant, runId, from, before }: EventsBetween,
): Promise<RunEvent[]> {
  return db.query<RunEvent>(BETWEEN.with({ run_id: runId, tenant, from, before }))
}

/** The steps after which another agent speaks, and which one, in their order. */
export function listHandoffs(
  db: Db,
  { tenant, runId }: Pick<StepRange, 'tenant' | 'runId'>,
): Promise<{ readonly step: number; readonly to: string }[]> {
  return db.query(HANDOFFS.with({ run_id: runId, tenant }))
}
