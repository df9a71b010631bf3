import { calcPrice, findProvider, type ModelPrice, type TieredPrices } from '@pydantic/genai-prices'
import type { Provider } from '../../../contracts/models/model.ts'
import type { ModelRates, RateTier } from './model-rates.ts'
import { undated } from './undated.ts'

/** Version of the list, which the store keeps with each cost; a test compares it with the lockfile. */
export const LIST_VERSION = '0.1.8'

/**
 * A model's list prices in `@pydantic/genai-prices`, as of today; null where the model has none there. They are part of the package:
 * nothing is fetched. We calculate costs in whole numbers, since the library does so in floating-point dollars.
 */
export function listRates(provider: Provider, model: string): ModelRates | null {
  const listed = findModel(provider, model)
  return listed === null ? null : toRates(listed.model_price, model)
}

/** The tokens of input and output together that a model can have, by the same list; null where the list does not say. */
export function listedContextTokens(provider: Provider, model: string): number | null {
  return findModel(provider, model)?.model.context_window ?? null
}

function findModel(provider: Provider, model: string): ReturnType<typeof calcPrice> {
  if (findListed(provider) === null) return null
  const listed = calcPrice({ input_tokens: 0 }, model, { providerId: provider })
  // The library matches by prefix, and would give a newer model an older one's data.
  return listed === null || undated(listed.model.id) !== undated(model) ? null : listed
}

/** Names of the provider's models that have a list price. */
export function listedModels(provider: Provider): readonly string[] {
  return findListed(provider)?.models.map(({ id }) => id) ?? []
}

/** The provider in the list, by its exact name: the library matches by prefix, and would give `openai-gateway` OpenAI's prices. */
function findListed(provider: Provider): ReturnType<typeof findProvider> | null {
  const found = findProvider({ providerId: provider })
  return found?.id === provider ? found : null
}

function toRates(prices: ModelPrice, model: string): ModelRates | null {
  const { input_mtok: input } = prices
  // An embeddings model has no output, and the list no price for it.
  const output = prices.output_mtok ?? (/embedding/.test(model) ? 0 : undefined)
  if (input === undefined || output === undefined) return null
  const { cache_read_mtok: cachedInput = input, cache_write_mtok: cacheWrite = input } = prices
  const tierAbove = (above: number): RateTier => ({
    above,
    input: microUsdAbove(above, input),
    cachedInput: microUsdAbove(above, cachedInput),
    cacheWrite: microUsdAbove(above, cacheWrite),
    output: microUsdAbove(above, output),
  })
  const starts = [input, cachedInput, cacheWrite, output].flatMap((price) =>
    typeof price === 'number' ? [] : price.tiers.map(({ start }) => start),
  )
  const further = [...new Set(starts)].filter((start) => start > 0).toSorted((a, b) => a - b)
  return [tierAbove(0), ...further.map(tierAbove)]
}

function microUsdAbove(above: number, price: number | TieredPrices): number {
  return Math.round(dollarsAbove(above, price) * 1_000_000)
}

function dollarsAbove(above: number, price: number | TieredPrices): number {
  if (typeof price === 'number') return price
  const reached = price.tiers.filter(({ start }) => start <= above).toSorted((a, b) => a.start - b.start)
  return reached.at(-1)?.price ?? price.base
}
