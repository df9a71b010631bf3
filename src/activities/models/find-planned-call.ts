import type { JsonObject } from '../../contracts/json.ts'
import type { CallModelInput, PlannedModelCall } from '../../contracts/model-call.ts'
import type { RunPlan } from '../../contracts/plan.ts'
import { hopsOf, teamOf } from '../../contracts/read-plan.ts'
import { Forged } from '../runs/forged.ts'

/** A model call with its prompt, model and tools from the plan. */
export type KnownModelCall = CallModelInput & PlannedModelCall & AnswerRules

/** What the plan says of the call's answer. */
interface AnswerRules {
  /** JSON Schema of the answer; absent where any text is one. */
  readonly output?: JsonObject
  /** An answer that is cut off is gone on with. */
  readonly continues?: true
}

/**
 * Completes a model call from the accepted plan: which model is asked, with which prompt and tools. The statement that begins the call
 * checks how much it may spend.
 *
 * @param plan null for a run of an earlier release, whose input has prompt, model and tools
 * @throws Forged where the plan has no such agent or hop, or another budget
 */
export function findPlannedCall(plan: RunPlan | null, input: CallModelInput): KnownModelCall {
  const { prompt, model, tools, ...rules } = plan === null ? plannedOf(input) : plannedFor(plan, input)
  if (prompt === undefined || model === undefined || tools === undefined) throw new Forged('other_plan')
  return { ...input, prompt, model, tools, ...rules }
}

/** The input's own, for a run of an earlier release. */
function plannedOf(input: CallModelInput): Partial<PlannedModelCall> {
  const { prompt, model, tools } = input
  return { ...(prompt && { prompt }), ...(model && { model }), ...(tools && { tools }) }
}

function plannedFor(
  plan: RunPlan,
  { agent, hop, budget, wrapUp }: CallModelInput,
): Partial<PlannedModelCall> & AnswerRules {
  const { floorOutputTokens, onUnknownPrice } = plan.budget ?? budget ?? {}
  const hasSameBudget =
    floorOutputTokens === budget?.floorOutputTokens && onUnknownPrice === budget?.onUnknownPrice
  const planned = hasSameBudget ? teamOf(plan).find(({ agent: { name } }) => name === agent) : undefined
  if (planned === undefined) return {}
  const model = hopsOf(planned)[hop]
  return {
    prompt: planned.prompt,
    ...(model !== undefined && { model }),
    tools: wrapUp ? [] : planned.tools.map(({ name }) => name),
    ...(planned.output !== undefined && { output: planned.output }),
    ...((plan.limits.answerContinuations ?? 0) > 0 && { continues: true as const }),
  }
}
