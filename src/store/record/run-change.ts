import type { EventType } from '../../contracts/event.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { EVENT_CHANNEL } from './events.ts'

/*
 * Every statement that changes something of a run has one shape: lock the run's row, write what is keyed, and only where that
 * was new, count it in the run, add the events and notify. One statement is one round trip and one transaction. The lock comes
 * first everywhere, so two of them never wait for each other crosswise; and because each sees only what was there when it
 * began, whatever depends on a concurrent one is decided from the locked row or by a key, never by looking.
 */

export interface NewEvent {
  readonly type: EventType
  readonly data: JsonObject
}

/**
 * Looks for no index: with `=`, and few runs in the table when the plan was made, one that begins with the tenant is taken, and
 * all of its entries are read.
 */
export const OF_TENANT = 'tenant is not distinct from $2'

/** `run`: the locked row. Takes $1 run id, $2 tenant. */
export const LOCK_RUN = `
  run as (
    select id, tenant, principal, parent_run_id, plan_sha256, allowed_limits, waits_for, steps, hop, completed_at is null as open,
      inbox_added > inbox_placed as has_unread, inbox_added - inbox_placed as unread, cancel_requested_by
    from runs where id = $1 and ${OF_TENANT}
    for no key update
  )`

/** `told`: the events of {@link RunChange}, after `changed (id, tenant, last_event_seq)`. Takes $3 types, $4 data. */
export const TELL_EVENTS = `
  told as (
    insert into run_events (run_id, seq, tenant, type, data)
    select changed.id, changed.last_event_seq - cardinality($3::text[]) + event.n, changed.tenant, event.type, event.data
    from changed,
      rows from (unnest($3::text[]), json_array_elements($4::json)) with ordinality as event (type, data, n)
  )`

/** One row if there is such a run, and the notification if something changed. */
export const ANSWER = `
  select
    changed.id is not null as changed,
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end
  from run left join changed on true`

export interface RunChange {
  readonly name: string
  /** Built from the parts above. */
  readonly text: string
  readonly run: RunIdentity
  readonly events: readonly NewEvent[]
  /** From $5 on. */
  readonly values: readonly unknown[]
}

/** False where there was nothing to change: it has been stored before, or the run has ended. Throws for an unknown run. */
export async function changeRun(db: Db, change: RunChange): Promise<boolean> {
  return (await changeRunFor(db, change)).changed
}

/** The same for a statement that answers more. */
export async function changeRunFor<R extends object>(
  db: Db,
  { name, text, run, events, values }: RunChange,
): Promise<R & { readonly changed: boolean }> {
  const [row] = await db.query<R & { readonly changed: boolean }>({
    name,
    text,
    values: [
      run.runId,
      run.tenant,
      events.map((event) => event.type),
      storableJson(events.map((event) => event.data)),
      ...values,
    ],
  })
  if (row === undefined) throw new Error(`The store has no run ${run.runId} of this tenant.`)
  return row
}
