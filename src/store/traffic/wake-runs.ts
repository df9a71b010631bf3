import type { WakingPolicy } from '../../policies/models/breakers.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

/**
 * `turn`: circuits that have closed lately, and are due for a turn: whichever process updates the row first takes it, so that the pace is that
 * of all processes together. `waiting`: the next runs that wait for one of these models and have not been signalled since it is back.
 */
const CLAIM = statement(
  'claim_waiting_runs',
  `
  with turn as (
    update circuits set woken_at = clock_timestamp()
    where state = 'closed' and forced is distinct from 'open'
      and closed_at > clock_timestamp() - make_interval(secs => :for_s)
      and (woken_at is null or woken_at <= clock_timestamp() - make_interval(secs => :spacing_s))
      and exists (select from runs where models_wait is not null and completed_at is null)
    returning provider, model, closed_at
  ),
  waiting as (
    select runs.id from runs
    where runs.models_wait is not null and runs.completed_at is null and exists (
      select from turn
      where (runs.models_woken_at is null or runs.models_woken_at < turn.closed_at)
        and jsonb_path_exists(
          runs.plan::jsonb,
          '$.** ? (@.provider == $provider && @.model == $model)',
          jsonb_build_object('provider', turn.provider, 'model', turn.model)
        )
    )
    order by runs.created_at, runs.id limit :runs
    for update skip locked
  )
  update runs set models_woken_at = clock_timestamp()
  from waiting where runs.id = waiting.id
  returning runs.workflow_id as "workflowId"`,
)

/** A turn may come a little early by one clock or the other. */
const EARLY = 0.9

/**
 * Claims the next runs that wait for a model which is back, and returns the ids of their workflows. A run that is claimed and then not
 * signalled tries by itself a little later.
 */
export async function claimWaitingRuns(db: Db, { runs, everyMs, forMs }: WakingPolicy): Promise<string[]> {
  const rows = await db.query<{ readonly workflowId: string }>(
    CLAIM.with({ runs, spacing_s: (everyMs * EARLY) / 1_000, for_s: forMs / 1_000 }),
  )
  return rows.map(({ workflowId }) => workflowId)
}
