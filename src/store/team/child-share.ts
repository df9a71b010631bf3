import type { BookedLimits } from '../../contracts/budgets/budget.ts'
import type { OpenedChild } from '../../contracts/team/sub-agent.ts'

/** Amounts of what a budget can limit and the store counts. */
export interface Amounts {
  readonly costMicroUsd: number
  readonly tokens: number
  readonly modelCalls: number
}

export interface ShareAsked {
  /** The limits of the sub-agent's plan. */
  readonly asked: BookedLimits
  /** The parent's limits. */
  readonly limits: BookedLimits
  /** What the parent has used, or has set aside. */
  readonly booked: Amounts
  /** With less than this the sub-agent is not started, unless its own plan asks for less. */
  readonly least: Amounts
}

const ALL = [
  { name: 'maxCostMicroUsd', amount: 'costMicroUsd', limit: 'cost' },
  { name: 'maxTokens', amount: 'tokens', limit: 'tokens' },
  { name: 'maxModelCalls', amount: 'modelCalls', limit: 'model_calls' },
] as const

/** A sub-agent's share of its parent's budget: what it asks for, or what is left of it. What neither of them limits stays unlimited. */
export function shareOf({ asked, limits, booked, least }: ShareAsked): OpenedChild {
  const amounts = ALL.map(({ name, amount, limit }) => {
    const wanted = asked[name] ?? Number.POSITIVE_INFINITY
    const allowed = limits[name] ?? Number.POSITIVE_INFINITY
    return { name, limit, wanted, allowed, needed: Math.min(least[amount], wanted), used: booked[amount] }
  })
  // A limit that is too low as a whole comes first: the parent would wait in vain for what it has in use.
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
