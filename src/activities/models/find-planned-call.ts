import type { CallModelInput, PlannedModelCall } from '../../contracts/model-call.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import { hopsOf, teamOf } from '../../contracts/read-plan.ts'
import { Forged } from '../runs/forged.ts'

/** A model call with all that the plan says of it. */
export type KnownModelCall = CallModelInput & PlannedModelCall

/**
 * What the accepted plan says of a model call: which model is asked, with which prompt and tools. How much may be spent is for the
 * statement that begins the call.
 *
 * @param plan null for a run of an earlier release, whose input says it
 * @throws Forged where the plan has no such agent or hop, or another budget
 */
export function findPlannedCall(plan: RunPlan | null, input: CallModelInput): KnownModelCall {
  const { prompt, model, tools } = plan === null ? input : { ...plannedFor(plan, input) }
  if (prompt === undefined || model === undefined || tools === undefined) throw new Forged('other_plan')
  return { ...input, prompt, model, tools }
}

function plannedFor(
  plan: RunPlan,
  { agent, hop, budget, wrapUp }: CallModelInput,
): Partial<PlannedModelCall> {
  const { floorOutputTokens, onUnknownPrice } = plan.budget ?? budget ?? {}
  const isHeld = floorOutputTokens === budget?.floorOutputTokens && onUnknownPrice === budget?.onUnknownPrice
  const one = isHeld ? teamOf(plan).find(({ agent: { name } }) => name === agent) : undefined
  if (one === undefined) return {}
  const model = hopsOf(one)[hop]
  return {
    prompt: one.prompt,
    ...(model !== undefined && { model }),
    tools: wrapUp ? [] : one.tools.map(({ name }) => name),
  }
}
