import type { PriceOverrides } from '../../../policies/price-overrides.ts'
import { PRICE_OVERRIDES } from '../../../policies/price-overrides.ts'
import { readOperatorFile } from '../read-operator-file.ts'
import { PRICE_OVERRIDES_FILE } from './price-overrides.schema.ts'
import { undated } from './undated.ts'

/**
 * The built-in overrides, and over them those of the operator's file, if there is one. Both versions are in the result's.
 *
 * @throws OperatorFileUnusable with every problem at once
 */
export function readPriceOverrides(path: string | null, builtIn = PRICE_OVERRIDES): PriceOverrides {
  if (path === null) return builtIn
  const file = { path, variable: 'HOLDFAST_PRICES', what: 'prices' }
  const { version, models } = readOperatorFile(file, PRICE_OVERRIDES_FILE)
  // A built-in row for one issue would otherwise win over the operator's row for the model.
  const names = new Set(models.map(({ provider, model }) => `${provider} ${model}`))
  const rest = builtIn.models.filter(
    ({ provider, model }) =>
      !names.has(`${provider} ${model}`) && !names.has(`${provider} ${undated(model)}`),
  )
  return { version: `${builtIn.version}+${version}`, models: [...rest, ...models] }
}
