import { createPriceBook } from '../../../../../src/activities/models/prices/price-book.ts'
import type { CallUsage } from '../../../../../src/contracts/models/usage.ts'
import { PRICE_OVERRIDES } from '../../../../../src/policies/models/price-overrides.ts'

export const PROVIDERS = ['openai', 'anthropic'] as const
export type ProviderName = (typeof PROVIDERS)[number]

const prices = createPriceBook(PRICE_OVERRIDES)

/** What a provider charges for so many tokens, in micro-USD; embeddings are free. */
export function charge(provider: ProviderName, endpoint: string, model: string, usage: CallUsage): number {
  if (endpoint === 'embeddings' || endpoint === 'count-tokens') return 0
  const price = prices.price({ provider, model, usage })
  if (price === null) throw new Error(`${provider}/${model} has no price.`)
  return price
}
