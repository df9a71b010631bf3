import type { BudgetOverrides } from '../../../app/plan/plan-overrides.ts'
import type { StartBudget } from './run-budget.schema.ts'
import { readLimits } from './wire-limits.ts'

/** What a start wants of its budget, in the contract's words. */
export function readBudgetWish(wish: StartBudget): BudgetOverrides {
  const { soft_ratio: softRatio, on_reached: onReached, on_unknown_price: onUnknownPrice } = wish
  return {
    limits: readLimits(wish),
    ...(softRatio !== undefined && { softRatio }),
    ...(onReached !== undefined && { onReached }),
    ...(onUnknownPrice !== undefined && { onUnknownPrice }),
  }
}
