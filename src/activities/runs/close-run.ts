import type { RunPlan } from '../../contracts/plan.ts'
import { teamOf } from '../../contracts/read-plan.ts'
import { closeRun } from '../../store/runs/close-run.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from './accepted-runs.ts'
import { Forged } from './forged.ts'
import { whatThereIs } from './what-there-is.ts'

/**
 * Ends the run in the store. A run that ends without an answer is given one from its record.
 *
 * @throws Forged `other_plan` where the degraded words are to be those of an agent that is not the plan's
 */
export function createCloseRun({ database }: Pick<Dependencies, 'database'>): Held<'closeRun'>['closeRun'] {
  return async (input, { plan }) => {
    const { failedHops = [], answer: given, ...close } = input
    const answer = given?.fromRecord
      ? await whatThereIs(database, {
          ...input,
          answer: { ...given, ...degradedAnswer(plan, given.degradedOf) },
        })
      : given
    return closeRun(database, { ...close, failedHops, ...(answer !== undefined && { answer }) })
  }
}

/** The words that this agent has for when no model answers. */
function degradedAnswer(plan: RunPlan | null, name?: string): { readonly text?: string } {
  if (plan === null || name === undefined) return {}
  const agent = teamOf(plan).find((one) => one.agent.name === name)
  if (agent === undefined) throw new Forged('other_plan')
  return { text: agent.degradedAnswer }
}
