import type { BookedLimits, BudgetReached } from '../../../../src/contracts/budgets/budget.ts'
import type { RunUsage } from '../../../../src/contracts/models/usage.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import { plannedTool } from '../../../../src/contracts/runs/read-plan.ts'
import { childPlan } from '../../../../src/contracts/team/child-plan.ts'
import type { ClosedChild } from '../../../../src/contracts/team/sub-agent.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { Occurrence } from '../../../../src/workflows/state/occurrence.ts'
import type { Random } from '../random.ts'
import { type Amounts, BOOKED } from './amounts.ts'
import type { Child, InFlight } from './in-flight.ts'
import { committedOf, settle, spentOf } from './store-totals.ts'
import type { World } from './world.ts'

export type RunChild = Extract<Command, { type: 'run_child' }>

/** With less than this left a sub-agent is not begun. */
const LEAST: Amounts = { costMicroUsd: 150, tokens: 80, modelCalls: 2 }

/** What the ledger hears of a sub-agent besides what the run is told. */
export interface Hearing {
  opened(): void
  closed(child: Child, used: Amounts): void
}

/** A sub-agent goes on a little: it gets its share, waits for people, or ends. A stop makes it end, with what it used so far. */
export function advanceChild(
  { random, world, plan }: { readonly random: Random; readonly world: World; readonly plan: RunPlan },
  { item, command }: { readonly item: InFlight; readonly command: RunChild },
  hearing: Hearing,
): Occurrence | null {
  const { index, input } = command
  const { budget } = planOf(plan, command)
  if (item.child === null) {
    const share = shareOf(world, command, budget?.limits)
    if ('scope' in share) {
      const never = share.allowed < least(share)
      return { type: 'child_withheld', index, reached: share, ...(never && { never }) }
    }
    world.books.held.set(input.childRunId, {
      costMicroUsd: share.maxCostMicroUsd ?? 0,
      tokens: share.maxTokens ?? 0,
      modelCalls: share.maxModelCalls ?? 0,
    })
    // As the workflow does it: a plan without a budget has no place for limits.
    const limits = budget === undefined ? {} : { ...budget.limits, ...share }
    item.child = { limits, waits: false }
    hearing.opened()
    return null
  }
  const { child } = item
  if (!item.stopped && random.chance(0.4)) {
    child.waits = !child.waits
    return { type: 'child_waits', index, waits: child.waits }
  }
  const usage = usageWithin(random, child.limits, budget?.limits.maxToolCalls)
  const used = { ...amountsOf(usage), modelCalls: usage.modelCalls }
  hearing.closed(child, used)
  settle(world.books, input.childRunId, used)
  if (usage.costMicroUsd === null) world.books.priceKnown = false
  const closed: ClosedChild = {
    outcome: { status: random.pick(['ok', 'ok', 'failed'] as const), preview: '' },
    spent: spentOf(world.books),
    usage,
  }
  return { type: 'child_finished', index, closed }
}

/** As the activity that opens it finds it. */
function planOf(plan: RunPlan, { input }: RunChild): RunPlan {
  const { tool, isLimited = false, maxToolCalls = null } = input
  const child = plan.subAgents?.[plannedTool(plan, tool).to ?? '']
  if (child === undefined) throw new Error(`The plan has no sub-agent for ${tool}`)
  return childPlan(child, isLimited, maxToolCalls)
}

function least({ limit }: BudgetReached): number {
  const booked = BOOKED.find((one) => one.limit === limit)
  return booked === undefined ? 0 : LEAST[booked.name]
}

/** What it asks for, as far as the run it works for has that left. */
function shareOf(world: World, { input }: RunChild, wanted: BookedLimits = {}): BookedLimits | BudgetReached {
  const used = committedOf(world.books)
  const share: { -readonly [K in keyof BookedLimits]: BookedLimits[K] } = {}
  for (const { name, limit, max } of BOOKED) {
    const allowed = input.limits?.[max]
    const asked = wanted[max]
    const rest = allowed === undefined ? undefined : allowed - used[name]
    if (allowed !== undefined && rest !== undefined && rest < LEAST[name]) {
      return { scope: 'run', limit, allowed, used: used[name] }
    }
    const part = Math.min(asked ?? Number.POSITIVE_INFINITY, rest ?? Number.POSITIVE_INFINITY)
    if (Number.isFinite(part)) share[max] = part
  }
  return share
}

function usageWithin(random: Random, limits: BookedLimits, maxToolCalls = 12): RunUsage {
  const upTo = (most: number) => (random.chance(0.3) ? most : random.below(most + 1))
  const tokens = upTo(limits.maxTokens ?? 2_000)
  const inputTokens = random.below(tokens + 1)
  const isPriced = limits.maxCostMicroUsd !== undefined || random.chance(0.95)
  return {
    inputTokens,
    cachedInputTokens: random.below(inputTokens + 1),
    outputTokens: tokens - inputTokens,
    modelCalls: upTo(limits.maxModelCalls ?? 20),
    toolCalls: upTo(maxToolCalls),
    costMicroUsd: isPriced ? upTo(limits.maxCostMicroUsd ?? 5_000) : null,
  }
}

function amountsOf({ inputTokens, outputTokens, costMicroUsd }: RunUsage): Omit<Amounts, 'modelCalls'> {
  return { costMicroUsd: costMicroUsd ?? 0, tokens: inputTokens + outputTokens }
}
