import type { CallModelInput } from '../../contracts/activities.ts'
import { isSameJson } from '../../contracts/json.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import { links, teamOf } from '../../contracts/read-plan.ts'
import { Forged } from '../runs/forged.ts'

/**
 * Whether the plan has an agent that asks this model, with this prompt and these tools. How much may be spent is for the
 * statement that begins the call.
 *
 * @throws Forged where it has none
 */
export function checkModelCall(plan: RunPlan, input: CallModelInput): void {
  const { agent, prompt, model, tools, hop, budget, wrapUp } = input
  const isPlanned = teamOf(plan).some(
    (one) =>
      one.agent.name === agent &&
      isSameJson(one.prompt, prompt) &&
      isSameJson(links(one)[hop], model) &&
      isSameJson(wrapUp ? [] : one.tools.map(({ name }) => name), tools),
  )
  const { floorOutputTokens, onUnknownPrice } = plan.budget ?? budget ?? {}
  const isHeld = floorOutputTokens === budget?.floorOutputTokens && onUnknownPrice === budget?.onUnknownPrice
  if (!isPlanned || !isHeld) throw new Forged('other_plan')
}
