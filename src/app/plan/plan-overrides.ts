import type { BudgetLimits, RunBudget } from '../../contracts/budgets/budget.ts'

export interface PlanOverrides {
  /** In place of the agent's own deadline. */
  readonly deadlineMs?: number
  /** Fields and limits that replace those of the agent's own budget, one by one. */
  readonly budget?: BudgetOverrides
}

export interface BudgetOverrides
  extends Partial<Pick<RunBudget, 'softRatio' | 'onReached' | 'onUnknownPrice'>> {
  readonly limits?: BudgetLimits
}
