import { createHash } from 'node:crypto'
import type { AppModels } from '../../../app/app.ts'
import { readOperatorFile } from '../../../app/read-operator-file.ts'
import { PROVIDERS } from '../../../contracts/models/model.ts'
import {
  type ModelPrice,
  PRICE_OVERRIDES,
  type PriceOverrides,
} from '../../../policies/models/price-overrides.ts'
import { priceOverridesFile } from './price-overrides.schema.ts'
import { undated } from './undated.ts'

/**
 * The built-in overrides, overridden by the application's prices, and these by the rows of the operator's file, if there is one. The
 * result's version has the versions of all.
 *
 * @throws OperatorFileUnusable with every problem at once
 */
export function readPriceOverrides(
  path: string | null,
  { providers, prices }: Pick<AppModels, 'providers' | 'prices'>,
  builtIn = PRICE_OVERRIDES,
): PriceOverrides {
  const own = providers.map(({ name }) => name)
  const priced = own.filter((name) => prices.some(({ provider }) => provider === name))
  const ofApp =
    prices.length === 0
      ? builtIn
      : { ...overlay(builtIn, { version: `app-${hashOf(prices)}`, models: prices }), unlisted: priced }
  if (path === null) return ofApp
  const file = { path, variable: 'HOLDFAST_PRICES', what: 'prices' }
  return overlay(ofApp, readOperatorFile(file, priceOverridesFile([...PROVIDERS, ...own])))
}

/** Lays rows over others. A lower row for a dated issue goes, too: it would win over the upper row for the undated model. */
function overlay(lower: PriceOverrides, { version, models }: PriceOverrides): PriceOverrides {
  const names = new Set(models.map(({ provider, model }) => `${provider} ${model}`))
  const rest = lower.models.filter(
    ({ provider, model }) =>
      !names.has(`${provider} ${model}`) && !names.has(`${provider} ${undated(model)}`),
  )
  return { ...lower, version: `${lower.version}+${version}`, models: [...rest, ...models] }
}

/** A hash of rows, whatever their order. */
function hashOf(prices: readonly ModelPrice[]): string {
  const rows = prices.map(({ provider, model, input, output, cachedInput, cacheWrite }) =>
    JSON.stringify([provider, model, input, output, cachedInput ?? null, cacheWrite ?? null]),
  )
  return createHash('sha256').update(rows.toSorted().join('\n')).digest('hex').slice(0, 12)
}
