import type { BudgetOverrides } from '../../../app/plan/plan-overrides.ts'
import type { StartBudget } from './run-budget.schema.ts'
import { readLimits } from './wire-limits.ts'

/** The budget in the body of a start, as the plan's overrides. */
export function toBudgetOverrides(wish: StartBudget): BudgetOverrides {
  const { soft_ratio: softRatio, on_reached: onReached, on_unknown_price: onUnknownPrice } = wish
  return {
    limits: readLimits(wish),
    ...(softRatio !== undefined && { softRatio }),
    ...(onReached !== undefined && { onReached }),
    ...(onUnknownPrice !== undefined && { onUnknownPrice }),
  }
}
