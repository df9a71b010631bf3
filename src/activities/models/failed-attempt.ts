import type { PlannedModel } from '../../contracts/models/model.ts'
import type { SettleAttempt } from '../../store/models/settlement.ts'
import type { ModelFailure } from './failures/model-failure.ts'
import type { PriceBook } from './prices/price-book.ts'
import { promptCacheSaved } from './prices/prompt-cache-saved.ts'

/** How an attempt is settled that came to no answer: with its cost as far as that is known, and at its worst where it is not. */
export function failedAttempt(
  { code, billed, usage, requestId }: ModelFailure,
  { provider, model }: Pick<PlannedModel, 'provider' | 'model'>,
  prices: PriceBook,
): Pick<
  SettleAttempt,
  'status' | 'code' | 'requestId' | 'costMicroUsd' | 'promptCacheSavedMicroUsd' | 'usage'
> {
  const which = { code, requestId: requestId ?? null }
  if (usage !== undefined) {
    const priced = { provider, model, usage }
    const costMicroUsd = prices.price(priced)
    return {
      ...which,
      status: 'failed',
      costMicroUsd,
      promptCacheSavedMicroUsd: promptCacheSaved(prices, priced, costMicroUsd),
      usage,
    }
  }
  return billed === 'no'
    ? { ...which, status: 'failed', costMicroUsd: 0, usage: 'nothing' }
    : { ...which, status: 'unknown', costMicroUsd: null, usage: 'unknown' }
}
