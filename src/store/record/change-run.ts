import type { EventType } from '../../contracts/events/event.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import type { NamedStatement, Values } from '../database/statement.ts'
import { EVENT_CHANNEL } from './events.ts'

/*
 * Every statement that changes something of a run has one shape:
 *
 *   run           locks the run's row: {@link LOCK_RUN}
 *   …             writes what has a key; a key that is there already makes the rest do nothing
 *   changed       updates the run's row, and returns `id`, `tenant` and `last_event_seq`
 *   events_added  appends the events: {@link ADD_EVENTS}
 *
 * and answers with {@link RESULT}. One statement is one round trip and one transaction. All of them lock the run's row first, so
 * that two never deadlock. A statement sees only what was committed when it began: whatever depends on a concurrent statement is
 * read from the locked row or decided by a key, since a look at another table could miss it.
 */

export interface NewEvent {
  readonly type: EventType
  readonly data: JsonObject
}

/**
 * Takes `:tenant`. Not `=`, so that the planner cannot use an index that starts with `tenant`: a prepared statement planned on a
 * nearly empty table would keep scanning all runs of the tenant. The primary key finds the row.
 */
export const OF_TENANT = 'tenant is not distinct from :tenant'

/** `run`: the locked row. Takes `:run_id`, `:tenant`. */
export const LOCK_RUN = `
  run as (
    select id, tenant, principal, parent_run_id, plan_sha256, allowed_limits, waits_for, steps, hop, completed_at is null as open,
      inbox_added > inbox_placed as has_unread, inbox_added - inbox_placed as unread, cancel_requested_by
    from runs where id = :run_id and ${OF_TENANT}
    for no key update
  )`

/**
 * `events_added`: the events of {@link RunChange}, numbered up to the `last_event_seq` that `changed` returns. Takes
 * `:event_types`, `:event_data`.
 */
export const ADD_EVENTS = `
  events_added as (
    insert into run_events (run_id, seq, tenant, type, data)
    select changed.id, changed.last_event_seq - cardinality(:event_types::text[]) + event.n, changed.tenant, event.type, event.data
    from changed,
      rows from (unnest(:event_types::text[]), json_array_elements(:event_data::json)) with ordinality as event (type, data, n)
  )`

/** One row if there is such a run; notifies its readers if it was changed. */
export const RESULT = `
  select
    changed.id is not null as changed,
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end
  from run left join changed on true`

export interface RunChange {
  readonly run: RunIdentity
  readonly events: readonly NewEvent[]
  /** The statement's own, beside those that the fragments above take. */
  readonly values: Values
}

/**
 * Runs a statement of the shape above. False where it changed nothing: the change has been stored before, or the run has ended.
 *
 * @throws where the tenant has no such run
 */
export async function changeRun(db: Db, statement: NamedStatement, change: RunChange): Promise<boolean> {
  return (await changeRunFor(db, statement, change)).changed
}

/** The same for a statement that returns more columns. */
export async function changeRunFor<R extends object>(
  db: Db,
  statement: NamedStatement,
  { run, events, values }: RunChange,
): Promise<R & { readonly changed: boolean }> {
  const [row] = await db.query<R & { readonly changed: boolean }>(
    statement.with({
      run_id: run.runId,
      tenant: run.tenant,
      event_types: events.map((event) => event.type),
      event_data: storableJson(events.map((event) => event.data)),
      ...values,
    }),
  )
  if (row === undefined) throw noSuchRun(run.runId)
  return row
}

export function noSuchRun(runId: string): Error {
  return new Error(`The store has no run ${runId} of this tenant.`)
}
