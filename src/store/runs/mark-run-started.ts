import type { RunPlan } from '../../contracts/runs/plan.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRunFor, LOCK_RUN } from '../record/change-run.ts'
import { EVENT_CHANNEL } from '../record/events.ts'

const MARK_STARTED = statement(
  'open_run',
  `
  with ${LOCK_RUN},
  changed as (
    update runs set
      status = 'in_progress',
      started_at = coalesce(runs.started_at, clock_timestamp()),
      last_event_seq = runs.last_event_seq + cardinality(:event_types::text[])
    from run
    where runs.id = run.id and runs.status = 'queued'
    returning runs.id, runs.tenant, runs.last_event_seq,
      case when runs.resumes = 0 then round(extract(epoch from runs.started_at - coalesce(runs.turn_began_at, runs.created_at)) * 1000)::integer end as queued_ms
  ),
  ${ADD_EVENTS}
  select changed.id is not null as changed, run.cancel_requested_by is not null as "cancelRequested",
    changed.queued_ms as "queuedMs",
    case when changed.id is not null
      then pg_notify('${EVENT_CHANNEL}', changed.id || ':' || changed.last_event_seq)
    end
  from run left join changed on true`,
)

interface StartedRun {
  readonly started: boolean
  /** The run's cancel had been requested before. */
  readonly cancelRequested: boolean
  readonly queuedMs: number | null
}

/**
 * Marks a queued run as started. A resumed run keeps the time of its first start; a run that is no longer queued is left as it is.
 *
 * @returns `started`: false where it was started before; `queuedMs`: null for a resumed run, and without the wait for its turn
 */
export async function markRunStarted(
  db: Db,
  { run, plan }: { run: RunIdentity; plan: RunPlan },
): Promise<StartedRun> {
  const { agent, prompt } = plan
  const { changed, cancelRequested, queuedMs } = await changeRunFor<Omit<StartedRun, 'started'>>(
    db,
    MARK_STARTED,
    {
      run,
      events: [
        {
          type: 'run.started',
          data: { agent: agent.name, agent_version: agent.version, prompt_version: prompt.version },
        },
      ],
      values: {},
    },
  )
  return { started: changed, cancelRequested, queuedMs }
}
