import type { RunPriority } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { unprepared } from '../database/statement.ts'

/** Runs of one agent and priority that no worker has begun. */
export interface QueuedRuns {
  readonly agent: string
  readonly priority: RunPriority
  readonly runs: number
  /** When the one was queued that waits longest. */
  readonly oldestAt: string
}

/** A resumed run was queued when it was resumed. */
const LIST = unprepared(`
  select runs.agent, runs.priority, count(*)::integer as runs, min(coalesce(resumed.at, runs.created_at)) as "oldestAt"
  from runs left join lateral (
    select max(run_events.at) as at from run_events
    where runs.resumes > 0 and run_events.run_id = runs.id and run_events.type = 'run.resumed'
  ) as resumed on true
  where runs.status = 'queued' and (runs.thread_id is null or runs.thread_seq is not null)
    and (:tenant::text is null or runs.tenant = :tenant)
  group by runs.agent, runs.priority
  order by runs.priority, runs.agent`)

/** Of one tenant, or of all; sub-agents included, and turns that wait for their thread left out. */
export async function listQueuedRuns(db: Db, tenant: string | null): Promise<QueuedRuns[]> {
  return db.query<QueuedRuns>(LIST.with({ tenant }))
}
