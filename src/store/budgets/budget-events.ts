import { type BudgetLimits, type BudgetReached, LIMIT_NAMES } from '../../contracts/budgets/budget.ts'
import type { JsonObject } from '../../contracts/json.ts'

/** The limit that was reached, as event data. */
export function reachedData({ scope, limit, period, allowed, used, resetsAt }: BudgetReached): JsonObject {
  return {
    scope,
    limit,
    ...(period !== undefined && { period }),
    allowed,
    used,
    ...(resetsAt !== undefined && { resets_at: resetsAt }),
  }
}

/** Limits, as event data. */
export function limitsData(limits: BudgetLimits): JsonObject {
  return Object.fromEntries(
    Object.entries(LIMIT_NAMES).flatMap(([limit, name]) => {
      const value = limits[limit as keyof BudgetLimits]
      return value === undefined ? [] : [[`max_${name}`, value]]
    }),
  )
}
