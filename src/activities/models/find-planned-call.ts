import type { JsonObject } from '../../contracts/json.ts'
import { hopsAround, hopsOf, usualHops } from '../../contracts/models/chains.ts'
import type { CallModelInput, PlannedModelCall } from '../../contracts/models/model-call.ts'
import type { PlannedAgent, RunPlan } from '../../contracts/runs/plan.ts'
import { offeredTools, plannedAgent, teamOf } from '../../contracts/runs/read-plan.ts'
import { Forged } from '../runs/forged.ts'

/** A model call with its prompt, model and tools from the plan. */
export type KnownModelCall = CallModelInput &
  PlannedModelCall &
  AnswerRules & {
    readonly hedge?: Hedge
    /** Tools of the agent that the model is not told of, since the caller may not have them called: the run refuses calls of them. */
    readonly withheld?: readonly string[]
  }

/** The next model of the chain is asked as well, where this one is silent for so long. */
export interface Hedge {
  readonly hop: number
  readonly afterMs: number
}

/** What the plan says of the call's answer. */
interface AnswerRules {
  /** JSON Schema of the answer; absent where any text is one. */
  readonly output?: JsonObject
  /** An answer that is cut off is gone on with. */
  readonly continues?: true
  /** Stronger models are asked where the model declines. */
  readonly escalatesRefusal?: true
}

/**
 * Completes a model call from the accepted plan: which model is asked, with which prompt and tools. The statement that begins the call
 * checks how much it may spend.
 *
 * @param plan null for a run of an earlier release, whose input has prompt, model and tools
 * @throws Forged where the plan has no such agent or hop, or another budget
 */
export function findPlannedCall(plan: RunPlan | null, input: CallModelInput): KnownModelCall {
  const { prompt, model, tools, ...rest } = plan === null ? plannedOf(input) : plannedFor(plan, input)
  if (prompt === undefined || model === undefined || tools === undefined) throw new Forged('other_plan')
  return { ...input, prompt, model, tools, ...rest }
}

/** The input's own, for a run of an earlier release. */
function plannedOf(input: CallModelInput): Partial<PlannedModelCall> {
  const { prompt, model, tools } = input
  return { ...(prompt && { prompt }), ...(model && { model }), ...(tools && { tools }) }
}

function plannedFor(
  plan: RunPlan,
  { agent, hop, budget, wrapUp, probe }: CallModelInput,
): Partial<KnownModelCall> {
  const { floorOutputTokens, onUnknownPrice } = plan.budget ?? budget ?? {}
  const hasSameBudget =
    floorOutputTokens === budget?.floorOutputTokens && onUnknownPrice === budget?.onUnknownPrice
  const planned = hasSameBudget ? teamOf(plan).find(({ agent: { name } }) => name === agent) : undefined
  if (planned === undefined) return {}
  const model = hopsOf(planned)[hop]
  const offered = wrapUp ? [] : offeredTools(plan, planned)
  const withheld = wrapUp ? [] : planned.tools.filter((tool) => !offered.includes(tool))
  return {
    prompt: planned.prompt,
    ...(model !== undefined && { model }),
    tools: offered.map(({ name }) => name),
    ...(withheld.length > 0 && { withheld: withheld.map(({ name }) => name) }),
    ...(planned.output !== undefined && { output: planned.output }),
    ...((plan.limits.answerContinuations ?? 0) > 0 && { continues: true as const }),
    ...(!wrapUp && escalatesRefusal(planned, hop) && { escalatesRefusal: true as const }),
    // A run that waits for models tries them one by one.
    ...(model?.hedge !== undefined &&
      probe !== true &&
      hop + 1 < hopsAround(planned, hop).end && { hedge: { hop: hop + 1, afterMs: model.hedge.afterMs } }),
  }
}

/** What lines say of a call beside its step: its place in the chain, and the model there, where the plan has one. */
export interface CallPlace {
  readonly hop: number
  readonly provider?: string
  readonly model?: string
}

export function placeOfCall(plan: RunPlan | null, { agent, hop, model: given }: CallModelInput): CallPlace {
  const planned = plan === null ? undefined : plannedAgent(plan, agent)
  const asked = plan === null ? given : planned && hopsOf(planned)[hop]
  return { hop, ...(asked && { provider: asked.provider, model: asked.model }) }
}

/** The call of the same answer to another model of its chain, which has no second one of its own. */
export function callAt(
  plan: RunPlan | null,
  { hedge: _, ...call }: KnownModelCall,
  hop: number,
): KnownModelCall {
  const { hedge: __, ...other } = findPlannedCall(plan, { ...call, hop })
  return other
}

/** The last hop whose answer is one to this call. */
export function lastHopOf({ hop, hedge }: KnownModelCall): number {
  return hedge?.hop ?? hop
}

/** Whether the agent has stronger models than this one for a refusal. */
function escalatesRefusal(planned: PlannedAgent, hop: number): boolean {
  const { escalation } = planned
  if (escalation === undefined || !escalation.on.includes('refusal')) return false
  // Of the agent's usual chains, those are the last; only cheaper ones come after them.
  return hop < usualHops(planned, escalation.route).first
}
