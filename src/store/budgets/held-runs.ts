import type { RunId } from '../../contracts/runs/run.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'
import type { KillSwitchKey } from './kill-switches.ts'

export interface HeldRun {
  readonly id: RunId
  readonly workflowId: string
  /** Scopes of which no switch is on for the run. */
  readonly off: readonly KillSwitchKey['scope'][]
}

/**
 * The switches that are on for `run`. A specialist's switch counts although another agent may be the current one: only the workflow
 * knows which agent that is.
 */
const OVER = `
  select switch.tenant, switch.scope, switch.subject from switches_in_force as switch
  where switch.tenant = run.tenant and case switch.scope
    when 'tenant' then switch.subject = run.tenant
    else switch.subject in (run.agent, parent.agent) or run.plan -> 'specialists' -> switch.subject is not null
  end`

const PARENT = 'left join runs as parent on parent.id = run.parent_run_id and parent.tenant = run.tenant'

const FIND_HELD_IN_VAIN = statement(
  'find_runs_held_in_vain',
  `
      select run.id, run.workflow_id as "workflowId",
        array(select scope from unnest(array['tenant', 'agent']) as scope where scope <> all (over.scopes)) as off
      from runs as run ${PARENT}
      cross join lateral (select array(select scope from (${OVER}) as switch) as scopes) as over
      where run.budget_wait is not null and run.budget_wait -> 'reached' ->> 'limit' = 'kill_switch'
        and run.budget_wait -> 'reached' ->> 'scope' <> all (over.scopes)
      order by run.created_at, run.id`,
)

const FIND_SWITCHES_OVER = statement(
  'find_switches_over',
  `
      select over.tenant, over.scope, over.subject from runs as run ${PARENT}
      cross join lateral (${OVER}) as over
      where run.id = :run_id`,
)

/** Runs of every tenant that wait for a kill switch although it is off by now, oldest first. */
export async function findRunsHeldInVain(db: Db): Promise<HeldRun[]> {
  return db.query<HeldRun>(FIND_HELD_IN_VAIN.with({}))
}

/** The switches that are on for a run: those of its tenant, its agent, its specialists and its parent's agent. */
export async function findSwitchesOver(db: Db, runId: RunId): Promise<KillSwitchKey[]> {
  return db.query<KillSwitchKey>(FIND_SWITCHES_OVER.with({ run_id: runId }))
}
