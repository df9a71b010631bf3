import { isSameJson } from '../../contracts/json.ts'
import { toWorkflowPlan, wholePlan } from '../../contracts/workflow-plan.ts'
import { markRunStarted } from '../../store/runs/mark-run-started.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from './accepted-runs.ts'
import { Forged } from './forged.ts'

/**
 * Marks the run as started. Its workflow has to run the plan that was accepted.
 *
 * @throws Forged `other_plan`
 */
export function createOpenRun({ database }: Pick<Dependencies, 'database'>): Held<'openRun'>['openRun'] {
  return async ({ run, plan: given }, { plan: accepted }) => {
    const plan = accepted ?? wholePlan(given)
    if (plan === null || !isSameJson(given, wholePlan(given) === null ? toWorkflowPlan(plan) : plan))
      throw new Forged('other_plan')
    const { cancelRequested } = await markRunStarted(database, { run, plan })
    return cancelRequested ? { cancelRequested } : undefined
  }
}
