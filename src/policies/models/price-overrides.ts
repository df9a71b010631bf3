import type { Provider } from '../../contracts/models/model.ts'

/** Whole micro-USD for a million tokens: 5_000_000 is 5 $. */
export interface ModelPrice {
  readonly provider: Provider
  /** The provider's exact name for it. A name without a date also stands for its dated versions. */
  readonly model: string
  readonly input: number
  /** Input that was read from a cache; absent: the price of other input. */
  readonly cachedInput?: number
  /** Input that was written to a cache; absent: the price of other input. */
  readonly cacheWrite?: number
  readonly output: number
}

export interface PriceOverrides {
  /** Stored with each cost that was computed from these prices: change it with every change of a row. */
  readonly version: string
  /** Where two rows are for one model, the later one counts. */
  readonly models: readonly ModelPrice[]
  /** Providers whose models are only priced by rows: whatever the library's list has under such a name is another provider's. */
  readonly unlisted?: readonly Provider[]
}

/** Prices that the library's list lacks or has wrong. An operator's own rows (`HOLDFAST_PRICES`) override these. */
export const PRICE_OVERRIDES: PriceOverrides = {
  version: '2026-11-21',
  models: [],
}
