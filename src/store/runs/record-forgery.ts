import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { EVENT_CHANNEL } from '../record/events.ts'

/*
 * The run is looked up by its id alone: what else the forger says of it may be wrong, and it is the run's owner who is told.
 */
const RECORD = `
  with run as (
    select id, tenant, completed_at is null as open from runs where id = $1 for no key update
  ),
  counted as (
    insert into refused_forgeries as known (run_id, activity, problem, tenant)
    select id, $2, $3, tenant from run
    on conflict (run_id, activity, problem) do update set count = known.count + 1, last_at = clock_timestamp()
    returning run_id, count
  ),
  changed as (
    update runs set last_event_seq = runs.last_event_seq + 1
    from run join counted on counted.run_id = run.id
    where runs.id = run.id and run.open and counted.count = 1
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  told as (
    insert into run_events (run_id, seq, tenant, type, data)
    select id, last_event_seq, tenant, 'run.forgery_refused', $4::json from changed
  )
  select pg_notify('${EVENT_CHANNEL}', id || ':' || last_event_seq) from changed`

export interface Forgery {
  readonly runId: string
  readonly activity: string
  readonly problem: string
}

/**
 * Counts what an activity has refused to do in a run's name. An event tells the first of a kind while the run goes on; nothing
 * is kept where there is no such run.
 */
export async function recordForgery(db: Db, { runId, activity, problem }: Forgery): Promise<void> {
  await db.query({
    name: 'record_forgery',
    text: RECORD,
    values: [runId, activity, problem, storableJson({ activity, problem })],
  })
}
