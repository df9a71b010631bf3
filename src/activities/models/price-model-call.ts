import { calcPrice } from '@pydantic/genai-prices'
import type { Provider } from '../../contracts/model.ts'
import type { CallUsage } from '../../contracts/usage.ts'

export interface PricedCall {
  readonly provider: Provider
  /** The model that served, as the provider names it. */
  readonly model: string
  readonly usage: CallUsage
}

/**
 * What a call cost by the list prices that `@pydantic/genai-prices` ships, in whole micro-USD; null where the model has no
 * price there or the server reported no usage. Nothing is fetched: the same version gives the same price for ever.
 */
export function priceModelCall({ provider, model, usage }: PricedCall): number | null {
  if (usage.inputTokens === 0) return null
  const price = calcPrice(
    {
      input_tokens: usage.inputTokens,
      cache_read_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      output_tokens: usage.outputTokens,
    },
    model,
    { providerId: provider },
  )
  // The library matches by prefix, and a newer model would get an older one's price.
  if (price === null || undated(price.model.id) !== undated(model)) return null
  return Math.round(price.total_price * 1_000_000)
}

/** A model's name without the date or `-latest` that names one issue of it. */
function undated(model: string): string {
  return model.replace(/-(\d{8}|\d{4}-\d{2}-\d{2}|latest)$/, '')
}
