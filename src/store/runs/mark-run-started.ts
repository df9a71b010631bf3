import type { RunPlan } from '../../contracts/plan.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'
import { ANSWER, changeRun, LOCK_RUN, TELL_EVENTS } from '../record/run-change.ts'

const OPEN = `
  with ${LOCK_RUN},
  changed as (
    update runs set
      status = 'in_progress',
      started_at = coalesce(runs.started_at, clock_timestamp()),
      last_event_seq = runs.last_event_seq + cardinality($3::text[])
    from run
    where runs.id = run.id and runs.status = 'queued'
    returning runs.id, runs.tenant, runs.last_event_seq
  ),
  ${TELL_EVENTS}
  ${ANSWER}`

/** Marks a queued run as started; one that was resumed stays started at its first time. Does nothing where it is further already. */
export async function markRunStarted(
  db: Db,
  { run, plan }: { run: RunIdentity; plan: RunPlan },
): Promise<void> {
  const { agent, prompt } = plan
  await changeRun(db, {
    name: 'open_run',
    text: OPEN,
    run,
    events: [
      {
        type: 'run.started',
        data: { agent: agent.name, agent_version: agent.version, prompt_version: prompt.version },
      },
    ],
    values: [],
  })
}
