import type { PriceBook } from '../../../../src/activities/models/prices/price-book.ts'

/** A micro-USD for each token, whatever model. */
export const TOKEN_PRICES: PriceBook = {
  version: 'test',
  price: ({ usage }) => usage.inputTokens + usage.outputTokens,
  worstRates: () => [{ aboveTokens: 0, inputMicroUsd: 1_000_000, outputMicroUsd: 1_000_000 }],
}
