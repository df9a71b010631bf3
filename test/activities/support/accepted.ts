import type { AcceptedRun } from '../../../src/activities/runs/accepted-runs.ts'
import type { RunPlan } from '../../../src/contracts/runs/plan.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { Db } from '../../../src/store/database/database.ts'
import { toFactRun } from '../../../src/telemetry/fact-run.ts'
import { startRun } from '../../store/support/samples.ts'

/** What an activity is told of the run by whoever has looked it up. Without a plan it is a run of an earlier release. */
export function acceptedAs(
  { runId, tenant, principal }: RunIdentity,
  plan: RunPlan | null = null,
): AcceptedRun {
  return {
    runId,
    workflowId: `support/${tenant}/${runId}`,
    principal,
    trace: toFactRun({ runId, tenant, principal }).trace,
    thread: null,
    plan,
  }
}

/** Of the workflow whose activities are played. */
export const EXECUTION_ID = 'execution-1'

/** A run whose activities are held to its workflow and principal alone, and what an activity of it is told of itself. */
export async function startUnplanned(db: Db): Promise<{
  readonly run: RunIdentity
  readonly workflowExecution: { readonly workflowId: string; readonly runId: string }
}> {
  const run = await startRun(db)
  // As those of an earlier release are.
  await db.query({
    text: 'update runs set plan_sha256 = null, allowed_limits = null where id = $1',
    values: [run.runId],
  })
  return { run, workflowExecution: { workflowId: acceptedAs(run).workflowId, runId: EXECUTION_ID } }
}
