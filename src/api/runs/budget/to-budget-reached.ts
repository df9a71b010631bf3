import type { BudgetReached } from '../../../contracts/budget.ts'

/** What a run has run into, as its required action and its `budget.reached` event say it. */
export function toBudgetReached({ scope, limit, period, allowed, used, resetsAt }: BudgetReached) {
  return {
    scope,
    limit,
    ...(period !== undefined && { period }),
    allowed,
    used,
    ...(resetsAt !== undefined && { resets_at: resetsAt }),
  }
}
