import type { BudgetLimits } from '../../../contracts/budget.ts'
import { REQUEST_LIMITS } from '../../../policies/api.ts'
import type { WireAdded, WireLimits } from './run-budget.schema.ts'

/** Each limit and what it is called on the wire: `max_` and this as a limit, bare as something that is added. */
const NAMES = {
  maxCostMicroUsd: 'cost_micro_usd',
  maxTokens: 'tokens',
  maxModelCalls: 'model_calls',
  maxToolCalls: 'tool_calls',
  maxSteps: 'steps',
  maxActiveMs: 'active_ms',
} as const satisfies { readonly [L in keyof Required<BudgetLimits>]: keyof WireAdded }

const { budgetAmount, budgetCount, deadlineMs } = REQUEST_LIMITS
const MOST = {
  maxCostMicroUsd: budgetAmount,
  maxTokens: budgetAmount,
  maxModelCalls: budgetCount,
  maxToolCalls: budgetCount,
  maxSteps: budgetCount,
  maxActiveMs: deadlineMs.most,
} as const satisfies Required<BudgetLimits>

const LIMITS = Object.entries(NAMES) as [keyof BudgetLimits, keyof WireAdded][]

export function toWireLimits(limits: BudgetLimits): WireLimits {
  return Object.fromEntries(
    LIMITS.flatMap(([limit, name]) => (limits[limit] === undefined ? [] : [[`max_${name}`, limits[limit]]])),
  )
}

/** Whatever else is beside the limits is left out. */
export function readLimits(wire: WireLimits): BudgetLimits {
  return Object.fromEntries(
    LIMITS.flatMap(([limit, name]) => {
      const value = wire[`max_${name}`]
      return value === undefined ? [] : [[limit, value]]
    }),
  )
}

export function readAdded(wire: WireAdded): BudgetLimits {
  return Object.fromEntries(
    LIMITS.flatMap(([limit, name]) => (wire[name] === undefined ? [] : [[limit, wire[name]]])),
  )
}

/** The largest that a limit can be, set or added to. */
export function mostOf(limit: keyof BudgetLimits): number {
  return MOST[limit]
}

/** What an addition to a limit is called on the wire. */
export function addedName(limit: keyof BudgetLimits): keyof WireAdded {
  return NAMES[limit]
}

/** What a limit is called on the wire. */
export function wireName(limit: keyof BudgetLimits): `max_${keyof WireAdded}` {
  return `max_${NAMES[limit]}`
}
