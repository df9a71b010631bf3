import type { BUDGET_SCOPES, BudgetPeriod } from '../../contracts/budgets/budget.ts'

export interface BudgetKey {
  readonly tenant: string
  readonly scope: (typeof BUDGET_SCOPES)[number]
  /** The tenant itself, or a principal or an agent; `*` for each one that has no budget of its own for the period. */
  readonly subject: string
  readonly period: BudgetPeriod
}
