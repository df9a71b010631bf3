import { findPlannedCall, type KnownModelCall } from '../../../../src/activities/models/find-planned-call.ts'
import type { BookedLimits, BudgetReached } from '../../../../src/contracts/budgets/budget.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { Occurrence } from '../../../../src/workflows/state/occurrence.ts'
import type { Random } from '../random.ts'
import { BOOKED } from './amounts.ts'
import { faultOf } from './fault-of.ts'
import type { Attempt, InFlight } from './in-flight.ts'
import { randomModelDecision } from './random-model.ts'
import { committedOf, settle, spentOf } from './store-totals.ts'
import { sharedReached, sharedToday, type World } from './world.ts'

type CallModel = Extract<Command, { type: 'call_model' }>

const ATTEMPT = 'attempt'
const BESIDE = 'beside'
export const RUN = { runId: 'run_1', tenant: 'acme', principal: 'ann' } as const

interface Rates {
  readonly input: number
  readonly output: number
}

/** Micro-USD for a token; null for a model that the price book does not know. */
function ratesOf(model: string): Rates | null {
  if (model === 'odd') return null
  return model.startsWith('cheap') ? { input: 1, output: 1 } : { input: 2, output: 4 }
}

/**
 * A model call goes on a little: it is booked, fails, is tried again, or ends. null while it only goes on.
 *
 * @param onBooked hears of every attempt before a provider is asked.
 */
export function advanceHop(
  { random, world, plan }: { readonly random: Random; readonly world: World; readonly plan: RunPlan },
  { item, command }: { readonly item: InFlight; readonly command: CallModel },
  nowMs: number,
  onBooked: () => void,
): Occurrence | null {
  const input = findPlannedCall(plan, { run: RUN, ...command.input })
  if (item.attempt === null) {
    if (item.stopped && random.chance(0.7)) return { type: 'model_stopped' }
    if (world.compactions.chance(0.04)) return { type: 'model_too_long' }
    // Runs of earlier formats are let through, or wait. Nothing is booked.
    if (plan.format >= 4 && random.chance(world.modelsAway ? 0.5 : 0.1)) {
      const codes = ['model_circuit_open', 'model_limit_reached', 'model_held_back'] as const
      return { type: 'model_failed', code: random.pick(codes) }
    }
    const booked = bookAttempt(random, world, ATTEMPT, input, nowMs)
    if (booked === 'price_unknown') return { type: 'model_failed', code: 'model_price_unknown' }
    if ('scope' in booked)
      return { type: 'model_withheld', reached: booked, asked: input.budget?.limits ?? {} }
    item.attempt = booked
    onBooked()
    if (random.chance(0.3)) return null
  }
  const { attempt } = item
  item.attempt = null
  if (item.stopped && random.chance(0.7)) {
    settle(world.books, ATTEMPT, null)
    return { type: 'model_stopped' }
  }
  const rates = ratesOf(input.model.model)
  const price = (inputTokens: number, outputTokens: number) =>
    rates === null ? 0 : inputTokens * rates.input + outputTokens * rates.output
  if (world.modelsAway || random.chance(0.2)) {
    const billed = random.below(3)
    const tokens = billed === 0 ? 0 : random.below(attempt.inputTokens)
    const actual = { costMicroUsd: price(tokens, 0), tokens, modelCalls: 1 }
    settle(world.books, ATTEMPT, billed === 2 ? null : actual)
    if (input.probe !== true && random.chance(0.5)) return null
    if (world.modelsAway) return { type: 'model_failed', code: 'model_overloaded' }
    const codes = [
      'model_overloaded',
      'model_unauthorized',
      'model_key_missing',
      'model_content_filtered',
      'model_context_too_long',
      'model_request_refused',
      'agent_unknown',
    ] as const
    return { type: 'model_failed', code: random.pick(codes) }
  }
  const overtaken = overtakenBy(world, plan, input, nowMs, onBooked)
  const inputTokens = random.below(attempt.inputTokens + 1)
  const outputTokens = random.below(attempt.capTokens + 1)
  const costMicroUsd = price(inputTokens, outputTokens)
  settle(world.books, ATTEMPT, { costMicroUsd, tokens: inputTokens + outputTokens, modelCalls: 1 })
  if (rates === null) world.books.priceKnown = false
  // A model may name what it was not told of.
  const said = randomModelDecision(random, [...input.tools, ...(input.withheld ?? [])])
  return {
    type: 'model_answered',
    decision: {
      ...said,
      ...faultOf(world.answers, { ...input, ...overtaken }, said),
      ...overtaken,
      usage: {
        inputTokens,
        cachedInputTokens: random.below(inputTokens + 1),
        cacheWriteTokens: 0,
        outputTokens,
        reasoningTokens: 0,
      },
      costMicroUsd: rates === null ? null : costMicroUsd,
      servedBy: input.model.model,
      ...(input.budget !== undefined && { spent: spentOf(world.books) }),
    },
  }
}

/** Now and then the next model was asked as well, and was faster. What the one that was stopped has cost stays unknown. */
function overtakenBy(
  world: World,
  plan: RunPlan,
  input: KnownModelCall,
  nowMs: number,
  onBooked: () => void,
): { readonly hop?: number } {
  const { hedge } = input
  if (hedge === undefined || world.routes.chance(0.5)) return {}
  const next = findPlannedCall(plan, { ...input, hop: hedge.hop })
  const booked = bookAttempt(world.routes, world, BESIDE, next, nowMs)
  if (booked === 'price_unknown' || 'scope' in booked) return {}
  onBooked()
  settle(world.books, BESIDE, null)
  return { hop: hedge.hop }
}

/** Holds the worst case of one attempt against all that limits it, with as much output as fits. */
export function bookAttempt(
  random: Random,
  world: World,
  key: string,
  input: Pick<KnownModelCall, 'run' | 'model'> & { readonly budget?: KnownModelCall['budget'] | undefined },
  nowMs: number,
): Attempt | BudgetReached | 'price_unknown' {
  const [scope] = world.off
  if (scope !== undefined) return { scope, limit: 'kill_switch', allowed: 0, used: 0 }
  const shared = sharedToday(world, nowMs)
  const limits = input.budget?.limits ?? {}
  const onUnknownPrice = input.budget?.onUnknownPrice ?? 'deny'
  const rates = ratesOf(input.model.model)
  const countsCost = limits.maxCostMicroUsd !== undefined || shared.some(({ limit }) => limit === 'cost')
  const countsTokens = limits.maxTokens !== undefined || shared.some(({ limit }) => limit === 'tokens')
  if (rates === null && countsCost) {
    if (onUnknownPrice === 'deny' || (onUnknownPrice === 'count_tokens' && !countsTokens))
      return 'price_unknown'
  }
  const inputTokens = 5 + random.below(30)
  const worst = (capTokens: number) => ({
    costMicroUsd: rates === null ? 0 : inputTokens * rates.input + capTokens * rates.output,
    tokens: inputTokens + capTokens,
    modelCalls: 1,
  })
  const reached = (capTokens: number): BudgetReached | null => {
    const used = committedOf(world.books)
    const more = worst(capTokens)
    for (const { name, limit, max } of BOOKED) {
      const allowed = (limits as BookedLimits)[max]
      if (allowed !== undefined && used[name] + more[name] > allowed) {
        return { scope: 'run', limit, allowed, used: used[name] }
      }
    }
    const full = shared.find((one) => {
      const amount = one.limit === 'cost' ? more.costMicroUsd : more.tokens
      return one.used + amount > one.allowed
    })
    return full === undefined ? null : sharedReached(full)
  }
  const most = input.model.maxOutputTokens
  const floor = Math.min(input.budget?.floorOutputTokens ?? 20, most)
  const withheld = reached(floor)
  if (withheld !== null) return withheld
  let capTokens = most
  while (capTokens > floor && reached(capTokens) !== null) capTokens = Math.max(capTokens - 10, floor)
  const held = worst(capTokens)
  world.books.held.set(key, held)
  // Others see no more of it than what it holds: what it leaves over is theirs tomorrow.
  for (const one of shared) one.used += one.limit === 'cost' ? held.costMicroUsd : held.tokens
  return { inputTokens, capTokens }
}
