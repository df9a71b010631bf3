import type { AcceptedRun } from '../../src/activities/accepted-runs.ts'
import type { RunPlan } from '../../src/contracts/plan.ts'
import type { RunIdentity } from '../../src/contracts/run.ts'
import { planSha256 } from '../../src/store/plan-sha256.ts'

/** What an activity is told of the run by whoever has looked it up. Without a plan it is a run of an earlier release. */
export function acceptedAs(
  { runId, tenant, principal }: RunIdentity,
  plan: RunPlan | null = null,
): AcceptedRun {
  return {
    runId,
    workflowId: `support/${tenant}/${runId}`,
    principal,
    planSha256: plan && planSha256(plan),
    plan,
  }
}
