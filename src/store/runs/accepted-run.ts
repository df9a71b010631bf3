import type { RunPlan } from '../../contracts/plan.ts'
import type { RunId } from '../../contracts/run.ts'
import type { Db } from '../database/database.ts'

/** What a run is from its acceptance to its end, whatever becomes of it. */
export interface AcceptedRow {
  readonly runId: RunId
  readonly tenant: string
  readonly principal: string
  readonly groups: readonly string[]
  readonly parentRunId: RunId | null
  /** The workflow that carries it out. */
  readonly workflowId: string
  /** null: accepted by a release that kept none. */
  readonly planSha256: string | null
}

/** Whatever its tenant: whoever asks has yet to prove whose it is. */
export async function findAccepted(db: Db, runId: string): Promise<AcceptedRow | null> {
  const [row] = await db.query<AcceptedRow>({
    name: 'find_accepted',
    text: `
      select id as "runId", tenant, principal, groups, parent_run_id as "parentRunId", workflow_id as "workflowId",
        plan_sha256 as "planSha256"
      from runs where id = $1`,
    values: [runId],
  })
  return row ?? null
}

export async function findAcceptedPlan(db: Db, runId: RunId): Promise<RunPlan> {
  const [row] = await db.query<{ plan: RunPlan }>({
    name: 'find_accepted_plan',
    text: 'select plan from runs where id = $1',
    values: [runId],
  })
  if (row === undefined) throw new Error(`The store has no run ${runId} any more.`)
  return row.plan
}
