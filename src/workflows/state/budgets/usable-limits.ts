import type { BookedLimits, HopBudget, RunBudget } from '../../../contracts/budgets/budget.ts'
import type { WorkflowPlan } from '../../../contracts/runs/workflow-plan.ts'
import { UNLIMITED } from '../../../contracts/team/child-plan.ts'
import type { RunState } from '../run-state.ts'

/* How much of its limits a run may use in its present mode. */

export function budgetOf(plan: WorkflowPlan): RunBudget {
  return plan.budget ?? UNLIMITED
}

/** The limits that a hop is given; undefined where the plan pins no budget and nobody has set one. */
export function hopBudget(plan: WorkflowPlan, state: RunState): HopBudget | undefined {
  const { limits } = state.budget
  if (plan.budget === undefined && Object.keys(limits).length === 0) return undefined
  const { floorOutputTokens, onUnknownPrice } = budgetOf(plan)
  return { limits: bookedLimits(plan, state), floorOutputTokens, onUnknownPrice }
}

/** What the run's present mode may use of the limits that the store holds. */
export function bookedLimits(plan: WorkflowPlan, state: RunState): BookedLimits {
  const { maxCostMicroUsd, maxTokens, maxModelCalls } = state.budget.limits
  return {
    ...(maxCostMicroUsd !== undefined && { maxCostMicroUsd: usableAmount(plan, state, maxCostMicroUsd) }),
    ...(maxTokens !== undefined && { maxTokens: usableAmount(plan, state, maxTokens) }),
    ...(maxModelCalls !== undefined && {
      maxModelCalls: usableCount(plan, state, maxModelCalls) + state.models.spared,
    }),
  }
}

/** Turns that the run may take, by its budget or by its plan. */
export function stepLimit(plan: WorkflowPlan, state: RunState): number {
  return budgetedSteps(plan, state) ?? plannedSteps(plan, state)
}

/** The plan's own limit, which counts where the budget has none. */
export function plannedSteps({ limits }: WorkflowPlan, { moreSteps }: RunState): number {
  return limits.maxSteps + moreSteps
}

/** The budget's limit of steps, at which `onReached` decides what follows. In older runs the plan's limit counted beside it. */
export function budgetedSteps({ format }: WorkflowPlan, { budget }: RunState): number | undefined {
  return format >= 3 ? budget.limits.maxSteps : undefined
}

/** Tool calls that may still begin. */
export function freeToolCalls({ budget: { limits, toolCalls } }: RunState): number {
  return Math.max((limits.maxToolCalls ?? Number.POSITIVE_INFINITY) - toolCalls, 0)
}

/** With `degrade` and `finish` the usual mode keeps a share of every amount for the mode after it … */
export function usableAmount(plan: WorkflowPlan, { budget: { mode } }: RunState, limit: number): number {
  const { onReached, softRatio } = budgetOf(plan)
  const keepsBack = mode === 'usual' && (onReached === 'degrade' || onReached === 'finish')
  return keepsBack ? Math.floor(limit * softRatio) : limit
}

/** … and keeps one of every count for the last call. */
export function usableCount(plan: WorkflowPlan, { budget: { mode } }: RunState, limit: number): number {
  const { onReached } = budgetOf(plan)
  const keepsBack = mode !== 'finishing' && (onReached === 'degrade' || onReached === 'finish')
  return keepsBack ? limit - 1 : limit
}
