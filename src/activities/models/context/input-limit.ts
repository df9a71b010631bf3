import { createLruMap } from '../../../contracts/lru-map.ts'
import type { PlannedModel } from '../../../contracts/models/model.ts'
import type { RunPlan } from '../../../contracts/runs/plan.ts'
import { plannedAgent } from '../../../contracts/runs/read-plan.ts'
import { COMPACTION } from '../../../policies/models/context.ts'
import { WORKER } from '../../../policies/worker.ts'
import { listedContextTokens } from '../prices/list-rates.ts'

export interface InputLimits {
  /** The most input tokens that the model can be given with its output cap; null where that is not known. */
  ofModel(model: PlannedModel): number | null
  /** The same, within the window that the agent has asked for. */
  ofCall(plan: RunPlan, agent: string, model: PlannedModel): number | null
  /** The same for the first call of a turn in a thread, whose agent's window is compacted before it is full. */
  ofFirstCall(plan: RunPlan, agent: string, model: PlannedModel): number | null
}

/** Looks up how much the models can read, and keeps what the price list says. */
export function createInputLimits(): InputLimits {
  const kept = createLruMap<string, number | null>(WORKER.modelsKept)

  function contextTokens({ provider, model, contextTokens: given }: PlannedModel): number | null {
    if (given !== undefined) return given
    const key = `${provider} ${model}`
    const known = kept.get(key)
    const tokens = known === undefined ? listedContextTokens(provider, model) : known
    if (known === undefined) kept.set(key, tokens)
    return tokens
  }

  function ofModel(model: PlannedModel): number | null {
    const tokens = contextTokens(model)
    // A model whose answers may be as long as its context has no fixed share for its input.
    return tokens === null ? null : Math.max(tokens - model.maxOutputTokens, Math.ceil(tokens / 2))
  }

  function within(window: number | undefined, model: PlannedModel): number | null {
    const known = [window ?? null, ofModel(model)].filter((limit) => limit !== null)
    return known.length === 0 ? null : Math.min(...known)
  }

  const windowOf = (plan: RunPlan, agent: string) => plannedAgent(plan, agent)?.window?.maxTokens
  return {
    ofModel,
    ofCall: (plan, agent, model) => within(windowOf(plan, agent), model),
    ofFirstCall(plan, agent, model) {
      const window = windowOf(plan, agent)
      return within(window && Math.floor(window * COMPACTION.nearLimitShare), model)
    },
  }
}
