import type { BudgetReached } from '../../../../src/contracts/budgets/budget.ts'
import type { FoundOfCall } from '../../../../src/contracts/tools/look-up.ts'
import type { Submission } from '../../../../src/workflows/state/admission-queue.ts'
import type { Random } from '../random.ts'
import { newStoreTotals, type StoreTotals } from './store-totals.ts'

/** Days are short here, so that runs see midnight. */
export const DAY_MS = 5_000

/** A budget that many runs share, as far as this one sees it. */
interface SharedBudget {
  readonly scope: 'principal' | 'agent' | 'tenant'
  readonly limit: 'cost' | 'tokens'
  readonly refuse: boolean
  allowed: number
  used: number
  day: number
}

/** All that is outside of the run: the store's books, and what others do. */
export interface World {
  readonly books: StoreTotals
  readonly shared: SharedBudget[]
  /** Kill switches that are on, whether a signal has reached the run or not. */
  readonly off: Set<'tenant' | 'agent'>
  /** No provider answers. */
  modelsAway: boolean
  /** Changes of the budget so far: an id is used again now and then. */
  changes: number
  /** False for a run from before there was a queue: what others want reaches it as its handlers have let it through. */
  readonly isQueued: boolean
  /** What comes of look-ups is left to this one. */
  readonly lookUps: Random
  /** What comes of rules about models is left to this one. */
  readonly routes: Random
  /** What is wrong with answers is left to this one. */
  readonly answers: Random
  /** What tools have found out, by call and arguments: what stands there is not looked up again. */
  readonly lookedUp: Map<string, Omit<FoundOfCall, 'decisionSha256'>>
  /** So is what comes of compactions, and which requests are too long. */
  readonly compactions: Random
  /** All that was sent, to be sent again now and then. */
  readonly sent: Submission[]
}

export function newWorld(
  random: Random,
  { lookUps, answers, compactions, routes }: Pick<World, 'lookUps' | 'answers' | 'compactions' | 'routes'>,
  queued?: boolean,
): World {
  const scopes = random.chance(0.3) ? (['principal', 'agent', 'tenant'] as const) : []
  const shared = scopes.flatMap((scope): SharedBudget[] => {
    if (random.chance(0.5)) return []
    const limit = random.pick(['cost', 'tokens'] as const)
    const allowed = limit === 'cost' ? 300 + random.below(3_000) : 150 + random.below(1_500)
    const used = random.below(allowed)
    return [{ scope, limit, refuse: random.chance(0.15), allowed, used, day: 0 }]
  })
  return {
    books: newStoreTotals(),
    shared,
    off: new Set(),
    modelsAway: random.chance(0.05),
    changes: 0,
    lookUps,
    routes,
    answers,
    lookedUp: new Map(),
    compactions,
    isQueued: queued ?? random.chance(0.6),
    sent: [],
  }
}

/** Midnight gives every budget of the day anew. */
export function sharedToday(world: World, nowMs: number): SharedBudget[] {
  const day = Math.floor(nowMs / DAY_MS)
  for (const one of world.shared) {
    if (one.day === day) continue
    one.day = day
    one.used = 0
  }
  return world.shared
}

export function sharedReached({ scope, limit, refuse, allowed, used, day }: SharedBudget): BudgetReached {
  const resetsAt = new Date((day + 1) * DAY_MS).toISOString()
  return { scope, limit, period: 'day', allowed, used, resetsAt, ...(refuse && { refuse }) }
}

/** Nothing that others do keeps the run any longer. */
export function turnKind(world: World): void {
  world.off.clear()
  world.modelsAway = false
  world.shared.length = 0
}
