import type { Logger } from 'pino'
import type { PriceBook } from '../activities/models/prices/price-book.ts'
import type { App } from '../app/app.ts'
import { canBeAsked, type ProviderAccess } from '../app/models/provider-access.ts'
import { nameOf, type UsedModel, usedModels } from '../app/models/used-models.ts'

/** A key or price that models of agents' chains lack in this process's configuration. */
export interface ModelGap {
  /** Each as `provider/model`. */
  readonly models: readonly string[]
  /** Names of the agents whose chains contain the models. */
  readonly agents: readonly string[]
  readonly lacks: 'key' | 'price'
  /** Whether a run with a limit of cost refuses to ask the model because of the gap. */
  readonly refuses: boolean
  /** One sentence on what is missing, and one on what mends it. */
  readonly text: string
}

interface ModelAccess {
  readonly providers: readonly ProviderAccess[]
  readonly prices: Pick<PriceBook, 'worstRates'>
}

/** The keys and prices that the application's models lack. Without this a run would only find out when it comes to such a model. */
export function modelGaps(app: Pick<App, 'agents' | 'plan'>, { providers, prices }: ModelAccess): ModelGap[] {
  const used = [...usedModels(app).values()]
  return [
    ...providers
      .filter((provider) => !canBeAsked(provider))
      .map((provider) => ({ provider, of: used.filter(({ model }) => model.provider === provider.name) }))
      .filter(({ of }) => of.length > 0)
      .map(({ provider, of }) => keyGap(provider, of)),
    ...used
      .filter(({ model }) => prices.worstRates(model.provider, model.model) === null)
      .map((one) => priceGap(one)),
  ]
}

export function warnOfModelGaps(gaps: readonly ModelGap[], logger: Pick<Logger, 'warn'>): void {
  for (const { models, agents, text } of gaps) logger.warn({ models, agents }, text)
}

/** Names of providers that agents' models are of, and whose key this process does not have. */
export function providersWithoutKey(
  app: Pick<App, 'agents' | 'plan'>,
  providers: readonly ProviderAccess[],
): readonly string[] {
  const used = new Set([...usedModels(app).values()].map(({ model }) => model.provider))
  return providers
    .filter((provider) => used.has(provider.name) && !canBeAsked(provider))
    .map(({ name }) => name)
}

function keyGap({ name, keyVariable }: ProviderAccess, used: readonly UsedModel[]): ModelGap {
  const models = used.map(({ model }) => nameOf(model))
  const agents = [...new Set(used.flatMap((one) => [...one.agents]))]
  return {
    models,
    agents,
    lacks: 'key',
    refuses: false,
    text: `${name} has no key, so ${models.join(', ')} cannot be asked (${agents.join(', ')}). Set ${keyVariable}.`,
  }
}

function priceGap({ model, agents, denied }: UsedModel): ModelGap {
  const consequence = denied
    ? 'a run with a limit of cost does not ask it (model_price_unknown)'
    : 'what its calls cost counts nowhere'
  return {
    models: [nameOf(model)],
    agents: [...agents],
    lacks: 'price',
    refuses: denied,
    text:
      `${nameOf(model)} (${[...agents].join(', ')}) has no price: ${consequence}. ` +
      `Add a row to models.prices, in micro-USD for a million tokens, 0 where they cost nothing: ` +
      `{ model: '${nameOf(model)}', input: …, output: … }`,
  }
}
