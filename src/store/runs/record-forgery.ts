import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { EVENT_CHANNEL } from '../record/events.ts'

/*
 * Finds the run by its id alone: the tenant that a forger names may be wrong, and the event belongs to the run's real owner.
 */
const RECORD_FORGERY = statement(
  'record_forgery',
  `
  with run as (
    select id, tenant, completed_at is null as open from runs where id = :run_id for no key update
  ),
  counted as (
    insert into refused_forgeries as known (run_id, activity, problem, tenant)
    select id, :activity, :problem, tenant from run
    on conflict (run_id, activity, problem) do update set count = known.count + 1, last_at = clock_timestamp()
    returning run_id, count
  ),
  changed as (
    update runs set last_event_seq = runs.last_event_seq + 1
    from run join counted on counted.run_id = run.id
    where runs.id = run.id and run.open and counted.count = 1
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  events_added as (
    insert into run_events (run_id, seq, tenant, type, data)
    select id, last_event_seq, tenant, 'run.forgery_refused', :data::json from changed
  )
  select pg_notify('${EVENT_CHANNEL}', id || ':' || last_event_seq) from changed`,
)

export interface Forgery {
  readonly runId: string
  readonly activity: string
  readonly problem: string
}

/**
 * Counts what an activity has refused to do in a run's name. The first refusal of a kind is an event too, as long as the run is open.
 * Where there is no such run nothing is recorded.
 */
export async function recordForgery(db: Db, { runId, activity, problem }: Forgery): Promise<void> {
  const data = storableJson({ activity, problem })
  await db.query(RECORD_FORGERY.with({ run_id: runId, activity, problem, data }))
}
