import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import type { RunOrigin } from '../record/run-row.ts'

/*
 * Finds the run by its id alone: the tenant that a forger names may be wrong, and the event belongs to the run's real owner.
 */
const RECORD_FORGERY = statement(
  'record_forgery',
  `
  with run as (
    select id, tenant, principal, parent_run_id, trace_id, caller_span_id, trace_sampled, resumes, completed_at is null as open
    from runs where id = :run_id for no key update
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
  select run.id, run.tenant, run.principal, run.parent_run_id as "parentRunId", run.trace_id as "traceId",
    run.caller_span_id as "callerSpanId", run.trace_sampled as "traceSampled", run.resumes,
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end
  from run join counted on counted.run_id = run.id and counted.count = 1 left join changed on true`,
)

export interface Forgery {
  readonly runId: string
  readonly activity: string
  readonly problem: string
}

/**
 * Counts what an activity has refused to do in a run's name. The first refusal of a kind is an event too, as long as the run is open.
 * Where there is no such run nothing is recorded.
 *
 * @returns the run, for the first refusal of a kind; null for the others
 */
export async function recordForgery(
  db: Db,
  { runId, activity, problem }: Forgery,
): Promise<RunOrigin | null> {
  const data = storableJson({ activity, problem })
  const [run] = await db.query<RunOrigin>(RECORD_FORGERY.with({ run_id: runId, activity, problem, data }))
  return run ?? null
}
