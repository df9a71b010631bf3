import { type BudgetLimits, LIMIT_NAMES } from '../../../contracts/budgets/budget.ts'
import { REQUEST_LIMITS } from '../../../policies/api.ts'
import type { WireAdded, WireLimits } from './run-budget.schema.ts'

const { budgetAmount, budgetCount, deadlineMs } = REQUEST_LIMITS
const MOST = {
  maxCostMicroUsd: budgetAmount,
  maxTokens: budgetAmount,
  maxModelCalls: budgetCount,
  maxToolCalls: budgetCount,
  maxSteps: budgetCount,
  maxActiveMs: deadlineMs.most,
} as const satisfies Required<BudgetLimits>

const LIMITS = Object.entries(LIMIT_NAMES) as [keyof BudgetLimits, keyof WireAdded][]

export function toWireLimits(limits: BudgetLimits): WireLimits {
  return Object.fromEntries(
    LIMITS.flatMap(([limit, name]) => (limits[limit] === undefined ? [] : [[`max_${name}`, limits[limit]]])),
  )
}

/** Reads the limits among the fields; others are ignored. */
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
  return LIMIT_NAMES[limit]
}

/** What a limit is called on the wire. */
export function wireName(limit: keyof BudgetLimits): `max_${keyof WireAdded}` {
  return `max_${LIMIT_NAMES[limit]}`
}
