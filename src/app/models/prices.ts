import type { ModelsDefinition, PriceRow } from '../define/model-definition.ts'
import { readModelName } from './model-name.ts'

/** A price as the price book has it, of a provider of any name. Whole micro-USD for a million tokens. */
export interface AppPrice extends Omit<PriceRow, 'model'> {
  readonly provider: string
  readonly model: string
}

export function resolvePrices({ prices = [] }: ModelsDefinition): readonly AppPrice[] {
  return prices.flatMap((row) => {
    const name = readModelName(row.model)
    return name === null ? [] : [{ ...row, ...name }]
  })
}
