import type { BudgetLimits } from '../../contracts/budgets/budget.ts'
import type { JsonObject } from '../../contracts/json.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { limitsData } from '../budgets/budget-events.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement } from '../database/statement.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import type { RunRow } from '../record/run-row.ts'

export interface ResumeRun extends Pick<RunRow, 'id' | 'tenant'> {
  readonly by: string
  /** Limits from now on; absent where they stay as they are. */
  readonly limits?: BudgetLimits
}

const RESUME = statement(
  'resume_run',
  `
  with run as (
    select id, status = 'incomplete' and kept_state is not null as resumable from runs where id = :run_id and tenant = :tenant
    for no key update
  ),
  changed as (
    update runs set
      status = 'queued',
      reason = null,
      error = null,
      output = null,
      output_fits = false,
      completed_at = null,
      -- Somebody cancelled the execution that has ended, not the one that begins: else the run would end as cancelled at once.
      cancel_requested_by = null,
      resumes = runs.resumes + 1,
      resume = :resume,
      budget_limits = coalesce(:limits, runs.budget_limits),
      allowed_limits = case when runs.allowed_limits is not null then coalesce(:limits, runs.allowed_limits) end,
      last_event_seq = runs.last_event_seq + 1
    from run where runs.id = run.id and run.resumable
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  events_added as (
    insert into run_events (run_id, seq, tenant, type, data)
    select id, last_event_seq, tenant, 'run.resumed', :event_data::json from changed
  )
  select pg_notify('${EVENT_CHANNEL}', id || ':' || last_event_seq) from changed`,
)

const FIND_KEPT = statement(
  'find_kept',
  `
  select kept_state as state, resume::jsonb || jsonb_build_object('unread', array(
    select inbox.id from inbox_messages as inbox where inbox.run_id = runs.id and not inbox.placed
    order by inbox.created_at, inbox.id limit :most_unread
  )) as resume
  from runs where id = :run_id and tenant = :tenant and resumes > 0 and status = 'queued'`,
)

/**
 * Records that an ended run is to go on; if this process dies now, the sweeper starts the workflow. False where the run is under way,
 * or has ended in a way that cannot be resumed.
 */
export async function resumeRun(db: Db, { id, tenant, by, limits }: ResumeRun): Promise<boolean> {
  const resume = { by, ...(limits !== undefined && { limits }) }
  const eventData = { by, ...(limits !== undefined && { limits: limitsData(limits) }) }
  const changed = await db.query(
    RESUME.with({
      run_id: id,
      tenant,
      resume: storableJson(resume),
      limits: limits === undefined ? null : storableJson(limits),
      event_data: storableJson(eventData),
    }),
  )
  return changed.length > 0
}

/** What a resumed run begins with: the workflow's state at its end, and who resumed it on which limits. */
export interface KeptRun {
  readonly state: JsonObject
  readonly resume: {
    readonly by: string
    readonly limits?: BudgetLimits
    /** Ids of added messages that no model was shown, oldest first. */
    readonly unread: readonly string[]
  }
}

/** null where the run was not resumed, or has been started since: the caller has read an older row. */
export async function findKept(
  db: Db,
  { id, tenant }: Pick<RunRow, 'id' | 'tenant'>,
): Promise<KeptRun | null> {
  const [kept] = await db.query<KeptRun>(
    FIND_KEPT.with({ run_id: id, tenant, most_unread: REQUEST_LIMITS.unreadMessages }),
  )
  return kept ?? null
}
