import { markRunStarted } from '../../store/runs/mark-run-started.ts'
import { planSha256 } from '../../store/runs/plan-sha256.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from './accepted-runs.ts'
import { Forged } from './forged.ts'

/**
 * Marks the run as started. Its workflow has to run the plan that was accepted.
 *
 * @throws Forged `other_plan`
 */
export function createOpenRun({ database }: Pick<Dependencies, 'database'>): Held<'openRun'>['openRun'] {
  return async (input, { planSha256: accepted }) => {
    if (accepted !== null && planSha256(input.plan) !== accepted) throw new Forged('other_plan')
    const { cancelRequested } = await markRunStarted(database, input)
    return cancelRequested ? { cancelRequested } : undefined
  }
}
