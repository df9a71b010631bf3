import type { PriceBook } from '../activities/models/prices/price-book.ts'
import type { App } from '../app/app.ts'
import type { Config } from '../config.ts'
import type { PlannedModel, Provider } from '../contracts/model.ts'
import type { PlannedAgent, RunPlan } from '../contracts/plan.ts'

/** Something that models of agents' chains lack in this process's configuration. */
export interface ModelGap {
  /** `provider/model`, each. */
  readonly models: readonly string[]
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
  const byProvider = Map.groupBy(withoutKey, ({ model }) => model.provider)
  return [
    ...[...byProvider].map(([provider, models]) => keyGap(provider, models)),
    ...withoutPrice.map(priceGap),
  ]
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

function keyGap(provider: Provider, used: readonly UsedModel[]): ModelGap {
  const models = used.map(nameOf)
  const agents = [...new Set(used.flatMap((one) => [...one.agents]))]
  return {
    models,
    agents,
    lacks: 'key',
    refuses: false,
    text:
      `${provider} has no key, so ${models.join(', ')} cannot be asked (${agents.join(', ')}). ` +
      `Set ${provider.toUpperCase()}_API_KEY.`,
  }
}

function nameOf({ model }: UsedModel): string {
  return `${model.provider}/${model.model}`
}

function priceGap(used: UsedModel): ModelGap {
  const { model, agents, denied } = used
  const { provider } = model
  const row = JSON.stringify({ provider, model: model.model, input: 0, output: 0 }).replaceAll(',"', ', "')
  const consequence = denied
    ? 'its calls are refused (model_price_unknown)'
    : 'what its calls cost counts nowhere'
  return {
    models: [nameOf(used)],
    agents: [...agents],
    lacks: 'price',
    refuses: denied,
    text:
      `${nameOf(used)} (${[...agents].join(', ')}) has no price, so ${consequence}. ` +
      `Add this row, with its prices in micro-USD for a million tokens, to the file at HOLDFAST_PRICES: ${row}`,
  }
}
