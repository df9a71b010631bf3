import type { Provider } from '../contracts/model.ts'

/** Whole micro-USD for a million tokens: 5_000_000 is 5 $. */
export interface ModelPrice {
  readonly provider: Provider
  /** As the provider names it, letter by letter. A name without a date also stands for its dated issues. */
  readonly model: string
  readonly input: number
  /** Input that came from a cache. As dear as any other where it is not given. */
  readonly cachedInput?: number
  /** Input that was written to a cache. As dear as any other where it is not given. */
  readonly cacheWrite?: number
  readonly output: number
}

export interface PriceOverrides {
  /** Stands in the books beside what was reckoned with it: change it with every change of a row. */
  readonly version: string
  /** Of two rows for one model the later one counts. */
  readonly models: readonly ModelPrice[]
  /** Providers whose models have no price but those of the rows, whatever the list has under such a name. */
  readonly unlisted?: readonly Provider[]
}

/** What the library's list lacks or has wrong. An operator's own rows (`HOLDFAST_PRICES`) win over these. */
export const PRICE_OVERRIDES: PriceOverrides = {
  version: '2026-11-21',
  models: [],
}
