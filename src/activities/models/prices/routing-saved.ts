import type { CallUsage } from '../../../contracts/models/usage.ts'
import type { PlannedAgent } from '../../../contracts/runs/plan.ts'
import type { PriceBook } from './price-book.ts'

/**
 * What an agent's routes have saved on an answer, in whole micro-USD: what the answer's tokens would have cost at the most expensive of the
 * models that the agent's own chain and its routes begin with, less what the answer has cost. Tokens of the prompt cache count as cached
 * there, too. It is 0 where the dearest model has answered, and below 0 where the answer comes from a later model of a chain that
 * costs more than all of them. null for an agent without routes, and where the answer or one of those models has no price.
 */
export function routingSaved(
  prices: Pick<PriceBook, 'price'>,
  { chain, routes = [] }: Pick<PlannedAgent, 'chain' | 'routes'>,
  usage: CallUsage,
  costMicroUsd: number | null,
): number | null {
  if (costMicroUsd === null || routes.length === 0) return null
  const firstModels = [chain, ...routes.map((route) => route.chain)].flatMap(([first]) => first ?? [])
  let dearest = 0
  for (const { provider, model } of firstModels) {
    const cost = prices.price({ provider, model, usage })
    if (cost === null) return null
    dearest = Math.max(dearest, cost)
  }
  return dearest - costMicroUsd
}
