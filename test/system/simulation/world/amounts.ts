/** What the store books, of attempts, runs and shares alike. */
export interface Amounts {
  readonly costMicroUsd: number
  readonly tokens: number
  readonly modelCalls: number
}

export const NONE: Amounts = { costMicroUsd: 0, tokens: 0, modelCalls: 0 }

export function plus(one: Amounts, other: Amounts): Amounts {
  return {
    costMicroUsd: one.costMicroUsd + other.costMicroUsd,
    tokens: one.tokens + other.tokens,
    modelCalls: one.modelCalls + other.modelCalls,
  }
}

/** A limit's name in a budget, and what it is called when it is reached. */
export const BOOKED = [
  { name: 'modelCalls', limit: 'model_calls', max: 'maxModelCalls' },
  { name: 'costMicroUsd', limit: 'cost', max: 'maxCostMicroUsd' },
  { name: 'tokens', limit: 'tokens', max: 'maxTokens' },
] as const
