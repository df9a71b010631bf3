import type { BookedLimits, RunBudget } from '../budgets/budget.ts'
import type { RunPlan } from '../runs/plan.ts'

/** The budget of a plan without one: it has no limits, and says how the run waits for shared budgets. Never changes: runs replay by it. */
export const UNLIMITED: RunBudget = {
  limits: {},
  softRatio: 0.8,
  onReached: 'pause',
  onUnknownPrice: 'deny',
  floorOutputTokens: 256,
  pauseMs: 604_800_000,
  lookAgainMs: 3_600_000,
}

/**
 * The plan of a sub-agent's run. Where its parent has limits, a sub-agent without a budget is held to a share of them, and ends with a
 * last call where that is used up, since it can't wait for a larger share.
 *
 * @param maxToolCalls the child's share of its parent's tool calls; null where neither of them is limited
 */
export function childPlan(child: RunPlan, isLimited: boolean, maxToolCalls: number | null): RunPlan {
  if (child.budget === undefined && !isLimited) return child
  const budget: RunBudget = child.budget ?? { ...UNLIMITED, onReached: 'finish' }
  return withLimits({ ...child, budget }, maxToolCalls === null ? {} : { maxToolCalls })
}

/** The plan with these limits in the place of its own, where it has a budget. */
export function withLimits<P extends { readonly budget?: RunBudget }>(
  plan: P,
  limits: BookedLimits & { readonly maxToolCalls?: number },
): P {
  const { budget } = plan
  return budget === undefined
    ? plan
    : { ...plan, budget: { ...budget, limits: { ...budget.limits, ...limits } } }
}
