import { hopsOf } from '../../contracts/models/chains.ts'
import type { PlannedModel } from '../../contracts/models/model.ts'
import type { PlannedAgent, RunPlan } from '../../contracts/runs/plan.ts'
import type { App } from '../app.ts'

/** A model of agents' chains, or one that writes their summaries. */
export interface UsedModel {
  readonly model: PlannedModel
  readonly agents: Set<string>
  /** Whether the budget of a plan with the model denies calls without a price. */
  denied: boolean
}

/** The models that agents use, by their names. */
export function usedModels({ agents, plan }: Pick<App, 'agents' | 'plan'>): Map<string, UsedModel> {
  const models = new Map<string, UsedModel>()
  const note = (agent: PlannedAgent, { budget }: RunPlan): void => {
    for (const model of modelsOf(agent)) {
      const key = nameOf(model)
      const used = models.get(key) ?? { model, agents: new Set(), denied: false }
      used.agents.add(agent.agent.name)
      used.denied ||= budget?.onUnknownPrice === 'deny'
      models.set(key, used)
    }
  }
  const noteAll = (whole: RunPlan): void => {
    for (const agent of [whole, ...Object.values(whole.specialists ?? {})]) note(agent, whole)
    for (const child of Object.values(whole.subAgents ?? {})) noteAll(child)
  }
  for (const { name } of agents) {
    const whole = plan(name)
    if (whole !== null) noteAll(whole)
  }
  return models
}

/** Every model that a run may ask for the agent. */
function modelsOf(agent: PlannedAgent): readonly PlannedModel[] {
  const classifiers = (agent.routing ?? []).flatMap((rule) =>
    'classifier' in rule ? [rule.classifier.model] : [],
  )
  return [...hopsOf(agent), ...classifiers]
}

/** `provider/model`. */
export function nameOf({ provider, model }: Pick<PlannedModel, 'provider' | 'model'>): string {
  return `${provider}/${model}`
}
