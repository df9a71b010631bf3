import { readFileSync } from 'node:fs'
import type { PriceOverrides } from '../../policies/price-overrides.ts'
import { PRICE_OVERRIDES } from '../../policies/price-overrides.ts'
import { PRICE_OVERRIDES_FILE } from './price-overrides.schema.ts'
import { undated } from './undated.ts'

/** All that is wrong with an operator's prices, one problem a line. */
export class PricesUnusable extends Error {
  override readonly name = 'PricesUnusable'
  readonly problems: readonly string[]

  constructor(path: string, problems: readonly string[]) {
    super(
      `The prices in ${path} (HOLDFAST_PRICES) are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    )
    this.problems = problems
  }
}

/**
 * The built-in overrides, and over them those of the operator's file, if there is one. Both versions are in the result's.
 *
 * @throws PricesUnusable with every problem at once
 */
export function readPriceOverrides(path: string | null, builtIn = PRICE_OVERRIDES): PriceOverrides {
  if (path === null) return builtIn
  const parsed = PRICE_OVERRIDES_FILE.safeParse(readJson(path))
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim())
    throw new PricesUnusable(path, problems)
  }
  const { version, models } = parsed.data
  // A built-in row for one issue would otherwise win over the operator's row for the model.
  const names = new Set(models.map(({ provider, model }) => `${provider} ${model}`))
  const rest = builtIn.models.filter(
    ({ provider, model }) =>
      !names.has(`${provider} ${model}`) && !names.has(`${provider} ${undated(model)}`),
  )
  return { version: `${builtIn.version}+${version}`, models: [...rest, ...models] }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const problem =
      error instanceof SyntaxError
        ? `is no JSON: ${error.message}`
        : `could not be read (${(error as NodeJS.ErrnoException).code})`
    throw new PricesUnusable(path, [problem])
  }
}
