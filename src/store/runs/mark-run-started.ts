import type { RunPlan } from '../../contracts/plan.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import { ADD_EVENTS, changeRun, LOCK_RUN, RESULT } from '../record/change-run.ts'

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
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${ADD_EVENTS}
  ${RESULT}`,
)

/** Marks a queued run as started. A resumed run keeps the time of its first start; a run that is no longer queued is left as it is. */
export async function markRunStarted(
  db: Db,
  { run, plan }: { run: RunIdentity; plan: RunPlan },
): Promise<void> {
  const { agent, prompt } = plan
  await changeRun(db, MARK_STARTED, {
    run,
    events: [
      {
        type: 'run.started',
        data: { agent: agent.name, agent_version: agent.version, prompt_version: prompt.version },
      },
    ],
    values: {},
  })
}
