import type { BudgetChange, BudgetLimits } from './budget.ts'
import type { RunPlan } from './plan.ts'

/**
 * null where the change makes no sense: a number that is not whole and above 0, an addition to a limit that is not there, or one
 * that makes it larger than a limit can be.
 */
export function changedLimits(
  { format }: Pick<RunPlan, 'format'>,
  current: BudgetLimits,
  { limits = {}, add = {} }: BudgetChange,
): BudgetLimits | null {
  const after: Record<string, number> = { ...current, ...limits }
  for (const [name, more] of Object.entries(add)) {
    if (after[name] === undefined || !(more > 0)) return null
    after[name] += more
  }
  const names = [...Object.keys(limits), ...Object.keys(add)]
  const isSound = names.every((name) => {
    const value = after[name] ?? 0
    return (
      Object.hasOwn(LARGEST, name) &&
      Number.isSafeInteger(value) &&
      value > 0 &&
      value <= mostOf(format, name)
    )
  })
  return isSound && names.length > 0 ? after : null
}

/** Runs whose plan has format 2 have taken in more than that. */
function mostOf(format: RunPlan['format'], name: string): number {
  return format >= 3 ? LARGEST[name as keyof BudgetLimits] : Number.MAX_SAFE_INTEGER
}

/** The largest that each limit can be: as requests may set it. */
export const LARGEST = {
  maxCostMicroUsd: 1_000_000_000_000,
  maxTokens: 1_000_000_000_000,
  maxModelCalls: 1_000_000_000,
  maxToolCalls: 1_000_000_000,
  maxSteps: 1_000_000_000,
  maxActiveMs: 604_800_000,
} as const satisfies Required<BudgetLimits>
