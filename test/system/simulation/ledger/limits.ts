import type { BudgetChange, BudgetLimits, BudgetReached } from '../../../../src/contracts/budgets/budget.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import { type Amounts, BOOKED } from '../world/amounts.ts'
import { keepsBack, type Ledger, must, wayOf } from './ledger.ts'
import { mayLook } from './waits.ts'

const LIMITS = [
  'maxCostMicroUsd',
  'maxTokens',
  'maxModelCalls',
  'maxToolCalls',
  'maxSteps',
  'maxActiveMs',
] as const

/** People change what the run may use. What makes no sense changes nothing, and what is said twice is done once. */
export function observeChange(ledger: Ledger, change: BudgetChange): void {
  const { budget } = ledger
  if (change.id !== undefined && budget.changes.has(change.id)) return
  const limits = limitsAfter(budget.limits, change)
  if (limits === null) return
  if (change.id !== undefined) budget.changes.add(change.id)
  budget.limits = limits
  budget.accepted += 1
  budget.finishing = false
  if (!budget.lastCallInFlight) {
    budget.met = false
    budget.nextIs = null
  }
  budget.changedInStep = ledger.answers + 1
  if (budget.wait?.reached.scope === 'run') budget.wait = null
  else mayLook(ledger, 'may')
}

export function limitsAfter(
  current: BudgetLimits,
  { limits = {}, add = {} }: BudgetChange,
): BudgetLimits | null {
  const isKnown = (name: string) => (LIMITS as readonly string[]).includes(name)
  const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1
  const said = [...Object.entries(limits), ...Object.entries(add)]
  if (said.length === 0 || !said.every(([name, value]) => isKnown(name) && isCount(value))) return null
  const after: { -readonly [K in keyof BudgetLimits]: BudgetLimits[K] } = { ...current }
  for (const name of LIMITS) {
    const base = limits[name] ?? current[name]
    const more = add[name]
    if (more !== undefined && base === undefined) return null
    if (base !== undefined) after[name] = base + (more ?? 0)
  }
  return after
}

/** All that is spent, held and unknown stays within what people allowed when it was asked for. */
export function observeBooked(ledger: Ledger, plan: RunPlan, key: string, taken: Amounts): void {
  const { budget } = ledger
  const limits = budget.asked.get(key) ?? {}
  for (const { name, max } of BOOKED) {
    const people = limits[max]
    if (people === undefined) continue
    // What failed while the run waited for models is not had against it.
    const limit = people + (name === 'modelCalls' ? ledger.models.spared : 0)
    must(taken[name] <= limit, 'what is spent, held and unknown never passes what people allow')
    if (!keepsBack(plan) || budget.met || budget.lastCallInFlight || isUnderChange(ledger)) continue
    const usual = name === 'modelCalls' ? limit - 1 : Math.floor(limit * wayOf(plan).softRatio)
    must(taken[name] <= usual, 'the usual way leaves something for what comes after it')
  }
}

/** Limits of this step's first hops may have been others. */
function isUnderChange({ budget, answers }: Ledger): boolean {
  return budget.changedInStep === answers + 1
}

/** Tool calls begin, the run's own and what a sub-agent may make. */
export function countToolCalls({ budget }: Ledger, more: number): void {
  budget.toolCalls += more
  must(!budget.finishing, 'no tool begins once the last call is due')
  must(
    budget.toolCalls <= (budget.limits.maxToolCalls ?? Number.POSITIVE_INFINITY),
    'a run makes no more tool calls than its budget allows',
  )
}

/** A limit that the run meets by itself is one that it has reached. */
export function observeReached(ledger: Ledger, plan: RunPlan, { scope, limit }: BudgetReached): void {
  const { budget, answers, mostActiveMs } = ledger
  const { maxToolCalls = 0, maxSteps = 0, maxActiveMs = 0 } = budget.limits
  if (limit === 'kill_switch') {
    budget.switches += 1
    must(scope !== 'run', 'a kill switch is not of the run')
  }
  if (limit === 'tool_calls')
    must(budget.toolCalls >= maxToolCalls, 'tool calls are reached when they are made')
  if (limit === 'steps') {
    must(answers + 1 > maxSteps - (keepsBack(plan) ? 1 : 0), 'steps are reached when they are taken')
  }
  if (limit === 'active_ms') {
    const ratio = keepsBack(plan) ? wayOf(plan).softRatio : 1
    must(mostActiveMs >= Math.floor(maxActiveMs * ratio), 'active time is reached when it has passed')
  }
}
