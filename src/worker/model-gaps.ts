import type { PriceBook } from '../activities/models/prices/price-book.ts'
import type { App } from '../app/app.ts'
import type { Config } from '../config.ts'
import type { PlannedModel } from '../contracts/model.ts'
import type { PlannedAgent, RunPlan } from '../contracts/plan.ts'

/** Something that a model of an agent's chain lacks in this process's configuration. */
export interface ModelGap {
  readonly model: PlannedModel
  /** Agents whose chains have it. */
  readonly agents: readonly string[]
  readonly lacks: 'key' | 'price'
  /** Whether a run with a limit of cost refuses the model for it. */
  readonly refuses: boolean
  /** One sentence on what is missing, and one on what mends it. */
  readonly text: string
}

interface Outside {
  readonly providers: Config['providers']
  readonly prices: Pick<PriceBook, 'worstRates'>
}

/** What the application's models lack: a provider's key, or a price. A run would only find out when it comes to them. */
export function modelGaps(app: Pick<App, 'agents' | 'plan'>, { providers, prices }: Outside): ModelGap[] {
  const used = [...usedModels(app).values()]
  const withoutKey = used.filter(({ model }) => providers[model.provider] === null)
  const withoutPrice = used.filter(({ model }) => prices.worstRates(model.provider, model.model) === null)
  return [...withoutKey.map(keyGap), ...withoutPrice.map(priceGap)]
}

interface UsedModel {
  readonly model: PlannedModel
  readonly agents: Set<string>
  /** Whether a plan that has it denies calls without a price. */
  denied: boolean
}

function usedModels({ agents, plan }: Pick<App, 'agents' | 'plan'>): Map<string, UsedModel> {
  const models = new Map<string, UsedModel>()
  const note = ({ agent, chain, cheaperChain = [] }: PlannedAgent, { budget }: RunPlan) => {
    for (const model of [...chain, ...cheaperChain]) {
      const key = `${model.provider}/${model.model}`
      const used = models.get(key) ?? { model, agents: new Set(), denied: false }
      used.agents.add(agent.name)
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

function keyGap({ model, agents }: UsedModel): ModelGap {
  const { provider } = model
  return {
    model,
    agents: [...agents],
    lacks: 'key',
    refuses: false,
    text:
      `${provider}/${model.model} (${[...agents].join(', ')}) cannot be asked: ${provider} has no key. ` +
      `Set ${provider.toUpperCase()}_API_KEY.`,
  }
}

function priceGap({ model, agents, denied }: UsedModel): ModelGap {
  const { provider } = model
  const row = JSON.stringify({ provider, model: model.model, input: 0, output: 0 }).replaceAll(',"', ', "')
  const consequence = denied
    ? 'its calls are refused (model_price_unknown)'
    : 'what its calls cost counts nowhere'
  return {
    model,
    agents: [...agents],
    lacks: 'price',
    refuses: denied,
    text:
      `${provider}/${model.model} (${[...agents].join(', ')}) has no price, so ${consequence}. ` +
      `Add this row, with its prices in micro-USD for a million tokens, to the file at HOLDFAST_PRICES: ${row}`,
  }
}
