import {
  type BudgetLimits,
  ON_REACHED,
  ON_UNKNOWN_PRICE,
  type RunBudget,
} from '../../../../src/contracts/budgets/budget.ts'
import type { Random } from '../random.ts'

/** A budget of any shape, small enough to be reached now and then. */
export function randomBudget(random: Random): RunBudget {
  return {
    limits: randomLimits(random),
    softRatio: random.pick([0.5, 0.8, 1]),
    onReached: random.pick(ON_REACHED),
    onUnknownPrice: random.pick(ON_UNKNOWN_PRICE),
    floorOutputTokens: random.pick([10, 50, 100]),
    pauseMs: random.pick([50, 3_000, 20_000]),
    lookAgainMs: random.pick([500, 1_500, 4_000]),
  }
}

export function randomLimits(random: Random): BudgetLimits {
  return {
    ...(random.chance(0.5) && { maxCostMicroUsd: 200 + random.below(2_000) }),
    ...(random.chance(0.5) && { maxTokens: 100 + random.below(700) }),
    ...(random.chance(0.3) && { maxModelCalls: 1 + random.below(8) }),
    ...(random.chance(0.3) && { maxToolCalls: 1 + random.below(7) }),
    ...(random.chance(0.2) && { maxSteps: 1 + random.below(5) }),
    ...(random.chance(0.2) && { maxActiveMs: 30 + random.below(400) }),
  }
}
