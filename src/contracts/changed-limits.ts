import type { BudgetChange, BudgetLimits } from './budget.ts'

/** null where the change makes no sense: a number that is not whole and above 0, or an addition to a limit that is not there. */
export function changedLimits(
  current: BudgetLimits,
  { limits = {}, add = {} }: BudgetChange,
): BudgetLimits | null {
  const after: Record<string, number> = { ...current, ...limits }
  for (const [name, more] of Object.entries(add)) {
    if (after[name] === undefined || !(more > 0)) return null
    after[name] += more
  }
  const names = [...Object.keys(limits), ...Object.keys(add)]
  const isSound = names.every(
    (name) => LIMITS.has(name) && Number.isSafeInteger(after[name]) && Number(after[name]) > 0,
  )
  return isSound && names.length > 0 ? after : null
}
const LIMITS: ReadonlySet<string> = new Set<keyof BudgetLimits>([
  'maxCostMicroUsd',
  'maxTokens',
  'maxModelCalls',
  'maxToolCalls',
  'maxSteps',
  'maxActiveMs',
])
