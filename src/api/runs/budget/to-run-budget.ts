import type { RunRow } from '../../../store/record/run-row.ts'
import type { RunBudgetResource } from './run-budget.schema.ts'
import { toWireLimits } from './wire-limits.ts'

/** The run's budget with the limits that are in force now; null where its plan has none. */
export function toRunBudget({ plan, budget }: Pick<RunRow, 'plan' | 'budget'>): RunBudgetResource | null {
  if (plan.budget === undefined) return null
  const { softRatio, onReached, onUnknownPrice } = plan.budget
  const { limits, spent, heldMicroUsd } = budget
  return {
    limits: toWireLimits(limits),
    soft_ratio: softRatio,
    on_reached: onReached,
    on_unknown_price: onUnknownPrice,
    spent: {
      cost_micro_usd: spent.costMicroUsd,
      unknown_micro_usd: spent.unknownMicroUsd,
      tokens: spent.tokens,
      model_calls: spent.modelCalls,
    },
    held_micro_usd: heldMicroUsd,
  }
}
