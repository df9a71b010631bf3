import type { BudgetLimits } from '../../contracts/budget.ts'
import type { JsonObject } from '../../contracts/json.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { limitsData } from '../budgets/budget-events.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { EVENT_CHANNEL } from '../record/events.ts'
import type { RunRow } from '../record/run-row.ts'

interface ResumeRun extends Pick<RunRow, 'id' | 'tenant'> {
  readonly by: string
  /** In force from then on, where they are others than before. */
  readonly limits?: BudgetLimits
}

const RESUME = `
  with run as (
    select id, status = 'incomplete' and kept_state is not null as resumable from runs where id = $1 and tenant = $2
    for no key update
  ),
  changed as (
    update runs set
      status = 'queued',
      reason = null,
      error = null,
      output = null,
      completed_at = null,
      -- A cancel that came too late for the end which is undone is nobody's wish for what follows.
      cancel_requested_by = null,
      resumes = runs.resumes + 1,
      resume = $3,
      budget_limits = coalesce($4, runs.budget_limits),
      allowed_limits = case when runs.allowed_limits is not null then coalesce($4, runs.allowed_limits) end,
      last_event_seq = runs.last_event_seq + 1
    from run where runs.id = run.id and run.resumable
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  told as (
    insert into run_events (run_id, seq, tenant, type, data)
    select id, last_event_seq, tenant, 'run.resumed', $5::json from changed
  )
  select pg_notify('${EVENT_CHANNEL}', id || ':' || last_event_seq) from changed`

/**
 * Accepts that a run which has ended goes on. From then on it will, whatever becomes of this process. False where there is no such
 * end: the run is under way, or ended in another way.
 */
export async function resumeRun(db: Db, { id, tenant, by, limits }: ResumeRun): Promise<boolean> {
  const resume = { by, ...(limits !== undefined && { limits }) }
  const told = { by, ...(limits !== undefined && { limits: limitsData(limits) }) }
  const changed = await db.query({
    name: 'resume_run',
    text: RESUME,
    values: [
      id,
      tenant,
      storableJson(resume),
      limits === undefined ? null : storableJson(limits),
      storableJson(told),
    ],
  })
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

/** null where the run does not wait to be begun any more, or was not resumed: whoever saw it wait has seen an older row. */
export async function findKept(
  db: Db,
  { id, tenant }: Pick<RunRow, 'id' | 'tenant'>,
): Promise<KeptRun | null> {
  const [kept] = await db.query<KeptRun>({
    name: 'find_kept',
    text: `
      select kept_state as state, resume::jsonb || jsonb_build_object('unread', array(
        select inbox.id from inbox_messages as inbox where inbox.run_id = runs.id and not inbox.placed
        order by inbox.created_at, inbox.id limit $3
      )) as resume
      from runs where id = $1 and tenant = $2 and resumes > 0 and status = 'queued'`,
    values: [id, tenant, REQUEST_LIMITS.unreadMessages],
  })
  return kept ?? null
}
