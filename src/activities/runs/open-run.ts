import { isSameJson } from '../../contracts/json.ts'
import { toWorkflowPlan, wholePlan } from '../../contracts/runs/workflow-plan.ts'
import { markRunStarted } from '../../store/runs/mark-run-started.ts'
import { toFactRun } from '../../telemetry/fact-run.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from './accepted-runs.ts'
import { Forged } from './forged.ts'

/**
 * Marks the run as started. Its workflow has to run the plan that was accepted.
 *
 * @throws Forged `other_plan`
 */
export function createOpenRun({
  database,
  telemetry,
}: Pick<Dependencies, 'database' | 'telemetry'>): Held<'openRun'>['openRun'] {
  return async ({ run, plan: given }, { plan: accepted }) => {
    const plan = accepted ?? wholePlan(given)
    if (plan === null || !isSameJson(given, wholePlan(given) === null ? toWorkflowPlan(plan) : plan))
      throw new Forged('other_plan')
    const { started, queuedMs, cancelRequested } = await markRunStarted(database, { run, plan })
    if (started) {
      telemetry.record({ type: 'run.started', run: toFactRun(run), agent: plan.agent.name, queuedMs })
    }
    return cancelRequested ? { cancelRequested } : undefined
  }
}
