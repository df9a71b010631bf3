import type { BookedLimits, RunBudget } from './budget.ts'
import type { RunPlan } from './plan.ts'

/** Of plans that pin none: no limit of their own, and how they wait for budgets that many runs share. Never changes: runs replay by it. */
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
 * The plan that a sub-agent asks for as part of its parent's run. One that pins no budget is held to its share all the same where its
 * parent has limits, and it cannot wait for more.
 *
 * @param maxToolCalls its share of its parent's tool calls; null where neither of them is limited
 */
export function childPlan(child: RunPlan, isLimited: boolean, maxToolCalls: number | null): RunPlan {
  if (child.budget === undefined && !isLimited) return child
  const budget: RunBudget = child.budget ?? { ...UNLIMITED, onReached: 'finish' }
  return withLimits({ ...child, budget }, maxToolCalls === null ? {} : { maxToolCalls })
}

/** The plan with these limits in place of its own, where it has a budget. */
export function withLimits<P extends { readonly budget?: RunBudget }>(
  plan: P,
  limits: BookedLimits & { readonly maxToolCalls?: number },
): P {
  const { budget } = plan
  return budget === undefined
    ? plan
    : { ...plan, budget: { ...budget, limits: { ...budget.limits, ...limits } } }
}
