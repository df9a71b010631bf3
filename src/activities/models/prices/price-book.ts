import type { Logger } from 'pino'
import type { Provider } from '../../../contracts/models/model.ts'
import type { CallUsage } from '../../../contracts/models/usage.ts'
import type { ModelPrice, PriceOverrides } from '../../../policies/models/price-overrides.ts'
import { LIST_VERSION, listedModels, listRates } from './list-rates.ts'
import { callCost, type ModelRates, type WorstRates, worstRatesOf } from './model-rates.ts'
import { undated } from './undated.ts'

export interface PricedCall {
  readonly provider: Provider
  /** The model that served, as the provider names it. */
  readonly model: string
  /** The model that was asked: its price counts where the serving model has none. */
  readonly asked?: string
  readonly usage: CallUsage
}

export interface PriceBook {
  /** The library's version and the overrides': `genai-prices@1.2.3+2026-11-21`. */
  readonly version: string
  /**
   * Cost of one call, in whole micro-USD, rounded up. Where the serving model has no price, as under the name of a deployment, the asked
   * model's price counts, and the first call of each such name is logged. null where neither has a price, or where the server reported
   * no usage: an estimate has no price.
   */
  price(call: PricedCall): number | null
  /**
   * The highest prices of all dated issues of the model, since any of them may serve, ascending by the size of the input; null where the
   * model has no price.
   */
  worstRates(provider: Provider, model: string): readonly WorstRates[] | null
}

/** Looks a price up in the overrides' rows, by the exact name and then without its date, and then in the list prices. */
export function createPriceBook(overrides: PriceOverrides, logger?: Pick<Logger, 'warn'>): PriceBook {
  const unlisted = new Set<string>()
  const rows = new Map(overrides.models.map((row) => [keyOf(row.provider, row.model), toRates(row)]))

  function ratesOf(provider: Provider, model: string): ModelRates | null {
    return (
      rows.get(keyOf(provider, model)) ??
      // An answer has the name of a dated issue, while the row has the name that was asked for.
      rows.get(keyOf(provider, undated(model))) ??
      (isListed(provider) ? listRates(provider, model) : null)
    )
  }

  function isListed(provider: Provider): boolean {
    return overrides.unlisted?.includes(provider) !== true
  }

  function ratesAsAsked(provider: Provider, asked: string, served: string): ModelRates | null {
    const rates = ratesOf(provider, asked)
    const name = keyOf(provider, served)
    if (rates !== null && !unlisted.has(name)) {
      unlisted.add(name)
      logger?.warn(
        { provider, model: asked, servedBy: served },
        'the serving model has no price; its calls cost what the asked one does',
      )
    }
    return rates
  }

  function rowsOf(provider: Provider): string[] {
    return overrides.models.filter((row) => row.provider === provider).map(({ model }) => model)
  }

  return {
    version: `genai-prices@${LIST_VERSION}+${overrides.version}`,
    price({ provider, model, asked = model, usage }) {
      if (usage.inputTokens === 0 || usage.estimated === true) return null
      const rates = ratesOf(provider, model) ?? ratesAsAsked(provider, asked, model)
      return rates === null ? null : callCost(rates, usage)
    },
    worstRates(provider, model) {
      if (ratesOf(provider, model) === null) return null
      const name = undated(model)
      const listed = isListed(provider) ? listedModels(provider) : []
      const issues = [model, ...rowsOf(provider), ...listed].filter((one) => undated(one) === name)
      return worstRatesOf(issues.flatMap((issue) => ratesOf(provider, issue) ?? []))
    },
  }
}

function keyOf(provider: Provider, model: string): string {
  return `${provider} ${model}`
}

function toRates({ input, cachedInput = input, cacheWrite = input, output }: ModelPrice): ModelRates {
  return [{ above: 0, input, cachedInput, cacheWrite, output }]
}
