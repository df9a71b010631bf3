import type { BudgetLimits, RunBudget } from '../../contracts/budget.ts'

export interface PlanOverrides {
  /** In place of the agent's own deadline. */
  readonly deadlineMs?: number
  /** In place of what the agent's own budget says, name by name. */
  readonly budget?: BudgetOverrides
}

export interface BudgetOverrides
  extends Partial<Pick<RunBudget, 'softRatio' | 'onReached' | 'onUnknownPrice'>> {
  readonly limits?: BudgetLimits
}
