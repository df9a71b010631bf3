import type { RunSpent } from '../../../../src/contracts/budgets/budget.ts'
import { type Amounts, NONE, plus } from './amounts.ts'

/** What the store has on one run: settled, unknown, and held for attempts and sub-agents that have not ended. */
export interface StoreTotals {
  settled: Amounts
  unknown: Amounts
  priceKnown: boolean
  readonly held: Map<string, Amounts>
}

export function newStoreTotals(): StoreTotals {
  return { settled: NONE, unknown: NONE, priceKnown: true, held: new Map() }
}

/** All that can't be had any more, as far as anybody knows. */
export function committedOf({ settled, unknown, held }: StoreTotals): Amounts {
  let sum = plus(settled, unknown)
  for (const one of held.values()) sum = plus(sum, one)
  return sum
}

export function spentOf({ settled, unknown, priceKnown }: StoreTotals): RunSpent {
  return {
    costMicroUsd: priceKnown ? settled.costMicroUsd + unknown.costMicroUsd : null,
    unknownMicroUsd: unknown.costMicroUsd,
    tokens: settled.tokens + unknown.tokens,
    modelCalls: settled.modelCalls + unknown.modelCalls,
  }
}

/** What was held is settled with what it came to; null for an end that nobody saw, which counts at its worst. */
export function settle(books: StoreTotals, key: string, actual: Amounts | null): void {
  const held = books.held.get(key)
  if (held === undefined) throw new Error(`The books hold nothing for ${key}`)
  books.held.delete(key)
  if (actual === null) books.unknown = plus(books.unknown, held)
  else books.settled = plus(books.settled, actual)
}
