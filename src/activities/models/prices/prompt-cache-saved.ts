import type { PriceBook, PricedCall } from './price-book.ts'

/**
 * What the provider's prompt cache has saved on a call, in whole micro-USD: the call's cost without a cache, less its real cost. Below
 * 0 where the call has written more to the cache than it has read, since writing costs more. null where the model has no price.
 *
 * @param costMicroUsd what the call has cost
 */
export function promptCacheSaved(
  prices: Pick<PriceBook, 'price'>,
  call: PricedCall,
  costMicroUsd: number | null,
): number | null {
  const { inputTokens, cachedInputTokens, cacheWriteTokens } = call.usage
  if (costMicroUsd === null) return null
  if (cachedInputTokens === 0 && cacheWriteTokens === 0) return 0
  const uncached = prices.price({
    ...call,
    usage: {
      ...call.usage,
      // Some servers count cached tokens beside the input.
      inputTokens: Math.max(inputTokens, cachedInputTokens + cacheWriteTokens),
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
    },
  })
  return uncached === null ? null : uncached - costMicroUsd
}
