import type { RunPlan } from '../../contracts/runs/plan.ts'
import { teamOf } from '../../contracts/runs/read-plan.ts'
import { closeRun } from '../../store/runs/close-run.ts'
import { recordEnd } from '../../telemetry/record-end.ts'
import type { Dependencies } from '../dependencies.ts'
import type { Held } from './accepted-runs.ts'
import { Forged } from './forged.ts'
import { whatThereIs } from './what-there-is.ts'

/**
 * Ends the run in the store. A run that ends without an answer is given one from its record.
 *
 * @throws Forged `other_plan` where the degraded words are not those of an agent of the plan
 */
export function createCloseRun({
  database,
  telemetry,
}: Pick<Dependencies, 'database' | 'telemetry'>): Held<'closeRun'>['closeRun'] {
  return async (input, { plan }) => {
    const { failedHops = [], answer: given, ...close } = input
    if (!isDegradedAnswer(plan, given?.text)) throw new Forged('other_plan')
    const answer = given?.fromRecord
      ? await whatThereIs(database, {
          ...input,
          answer: { ...given, ...degradedAnswer(plan, given.degradedOf) },
        })
      : given
    const closing = { ...close, failedHops, ...(answer !== undefined && { answer }) }
    const { unread, ended } = await closeRun(database, closing)
    if (ended !== null) recordEnd(telemetry, close, ended, plan)
    return { unread }
  }
}

/** Runs whose history has the whole plan give the words themselves. */
function isDegradedAnswer(plan: RunPlan | null, text?: string): boolean {
  return text === undefined || plan === null || teamOf(plan).some((agent) => agent.degradedAnswer === text)
}

/** The words that this agent has for when no model answers. */
function degradedAnswer(plan: RunPlan | null, name?: string): { readonly text?: string } {
  if (plan === null || name === undefined) return {}
  const agent = teamOf(plan).find((one) => one.agent.name === name)
  if (agent === undefined) throw new Forged('other_plan')
  return { text: agent.degradedAnswer }
}
