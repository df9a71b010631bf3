import type { OpenedChild } from '../../contracts/activities.ts'
import type { BookedLimits } from '../../contracts/budget.ts'

/** Amounts of what the store books. */
export interface Amounts {
  readonly costMicroUsd: number
  readonly tokens: number
  readonly modelCalls: number
}

export interface ShareAsked {
  /** What the sub-agent's plan asks for. */
  readonly asked: BookedLimits
  /** What its parent may use, and has used or set aside. */
  readonly limits: BookedLimits
  readonly booked: Amounts
  /** With less than this it is not begun, unless it asks for less itself. */
  readonly least: Amounts
}

const ALL = [
  { name: 'maxCostMicroUsd', amount: 'costMicroUsd', limit: 'cost' },
  { name: 'maxTokens', amount: 'tokens', limit: 'tokens' },
  { name: 'maxModelCalls', amount: 'modelCalls', limit: 'model_calls' },
] as const

/** A sub-agent's part of its parent's budget: what it asks for, or what is left. What neither of them limits is not limited. */
export function shareOf({ asked, limits, booked, least }: ShareAsked): OpenedChild {
  const amounts = ALL.map(({ name, amount, limit }) => {
    const wanted = asked[name] ?? Number.POSITIVE_INFINITY
    const allowed = limits[name] ?? Number.POSITIVE_INFINITY
    return { name, limit, wanted, allowed, needed: Math.min(least[amount], wanted), used: booked[amount] }
  })
  // What waiting or a little more of something else would not mend is told first.
  const never = amounts.find(({ allowed, needed }) => allowed < needed)
  const short = never ?? amounts.find(({ allowed, used, needed }) => allowed - used < needed)
  if (short !== undefined) {
    const { limit, allowed, used } = short
    return { withheld: { scope: 'run', limit, allowed, used }, ...(never !== undefined && { never: true }) }
  }
  const parts = amounts.map(
    ({ name, wanted, allowed, used }) => [name, Math.min(wanted, allowed - used)] as const,
  )
  return { limits: Object.fromEntries(parts.filter(([, part]) => Number.isFinite(part))) }
}
