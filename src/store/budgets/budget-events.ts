import type { BudgetLimits, BudgetReached } from '../../contracts/budget.ts'
import type { JsonObject } from '../../contracts/json.ts'

/** What was reached, as events tell it. */
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

/** Limits, as events tell them. */
export function limitsData(limits: BudgetLimits): JsonObject {
  const members = LIMIT_NAMES.flatMap(([name, told]) => {
    const value = limits[name]
    return value === undefined ? [] : [[told, value] as const]
  })
  return Object.fromEntries(members)
}

const LIMIT_NAMES = [
  ['maxCostMicroUsd', 'max_cost_micro_usd'],
  ['maxTokens', 'max_tokens'],
  ['maxModelCalls', 'max_model_calls'],
  ['maxToolCalls', 'max_tool_calls'],
  ['maxSteps', 'max_steps'],
  ['maxActiveMs', 'max_active_ms'],
] as const satisfies readonly (readonly [keyof BudgetLimits, string])[]
