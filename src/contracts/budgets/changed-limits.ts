import type { RunPlan } from '../runs/plan.ts'
import type { BudgetChange, BudgetLimits } from './budget.ts'

/**
 * The limits after a change. null for an invalid change: a number that is not whole and above 0, an addition to a limit that does not
 * exist, or a limit that becomes too large.
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
      value <= largestOf(format, name)
    )
  })
  return isSound && names.length > 0 ? after : null
}

/** The largest value of a limit. Runs of before format 3 have accepted any safe integer. */
function largestOf(format: RunPlan['format'], name: string): number {
  return format >= 3 ? LARGEST[name as keyof BudgetLimits] : Number.MAX_SAFE_INTEGER
}

/** The largest value of each limit that a request may set. */
export const LARGEST = {
  maxCostMicroUsd: 1_000_000_000_000,
  maxTokens: 1_000_000_000_000,
  maxModelCalls: 1_000_000_000,
  maxToolCalls: 1_000_000_000,
  maxSteps: 1_000_000_000,
  maxActiveMs: 604_800_000,
} as const satisfies Required<BudgetLimits>
