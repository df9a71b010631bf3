import type { Compaction } from '../../../../src/contracts/models/context.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { Occurrence } from '../../../../src/workflows/state/occurrence.ts'
import { BOOKED } from './amounts.ts'
import type { InFlight } from './in-flight.ts'
import { committedOf, settle, spentOf } from './store-totals.ts'
import type { World } from './world.ts'

type Compact = Extract<Command, { type: 'compact' }>

const SUMMARY = 'summary'
const WORST = { costMicroUsd: 15, tokens: 15, modelCalls: 1 } as const

/** A compaction ends: something leaves the window, with a summary or without one, or nothing can. */
export function advanceCompaction(
  { plan, world, onBooked }: { readonly plan: RunPlan; readonly world: World; readonly onBooked: () => void },
  { stopped }: InFlight,
  { input }: Compact,
): Occurrence {
  const { compactions: random } = world
  if (stopped && random.chance(0.7)) return { type: 'compaction_stopped' }
  if (random.chance(0.15)) return { type: 'compacted', compaction: { unchanged: true } }
  const shown = { strategy: 'sliding', kept: 2, of: 9 } as const
  const all = [plan, ...Object.values(plan.specialists ?? {})]
  const { window } = all.find(({ agent }) => agent.name === input.agent) ?? {}
  const wantsSummary = window !== undefined && window.strategy !== 'sliding' && input.wrapUp !== true
  if (!wantsSummary || !isCovered(world, input)) return { type: 'compacted', compaction: shown }
  world.books.held.set(SUMMARY, WORST)
  onBooked()
  const isAnswered = random.chance(0.7)
  const tokens = random.below(WORST.tokens)
  const actual = { costMicroUsd: tokens, tokens, modelCalls: 1 }
  settle(world.books, SUMMARY, isAnswered || random.chance(0.5) ? actual : null)
  const spent = input.budget === undefined ? {} : { spent: spentOf(world.books) }
  const compaction: Compaction = isAnswered
    ? { ...shown, strategy: 'both', summary: { usage: usageOf(tokens), costMicroUsd: tokens }, ...spent }
    : shown
  return { type: 'compacted', compaction }
}

function isCovered({ books, off, shared }: World, { budget }: Compact['input']): boolean {
  const used = committedOf(books)
  return (
    off.size === 0 &&
    shared.length === 0 &&
    BOOKED.every(({ name, max }) => {
      const allowed = budget?.limits[max]
      return allowed === undefined || used[name] + WORST[name] <= allowed
    })
  )
}

function usageOf(tokens: number) {
  return {
    inputTokens: tokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 0,
    reasoningTokens: 0,
  }
}
