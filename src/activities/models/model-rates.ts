import type { CallUsage } from '../../contracts/usage.ts'

/** Whole micro-USD for a million tokens. */
interface Rates {
  readonly input: number
  readonly cachedInput: number
  readonly cacheWrite: number
  readonly output: number
}

/** Prices of calls whose whole input is larger than `above` tokens. */
export interface RateTier extends Rates {
  readonly above: number
}

/** Ascending. The last tier that a call's input is above prices all of its tokens, output included. */
export type ModelRates = readonly [RateTier, ...RateTier[]]

/** Prices in whole micro-USD for a million tokens, at the dearest tier: what a worst case is reckoned with. */
export interface WorstRates {
  /** Of any input token, whatever a cache does with it. */
  readonly inputMicroUsd: number
  readonly outputMicroUsd: number
}

const MILLION = 1_000_000

/**
 * What a call owes, in whole micro-USD: exact, then rounded up, so that books never show less than the bill. null for counts
 * that no call can have.
 */
export function owed(rates: ModelRates, usage: CallUsage): number | null {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens } = usage
  const tier = rates.findLast(({ above }) => inputTokens > above) ?? rates[0]
  // A server that counts cached tokens beside the input instead of inside it is not to make the rest negative.
  const uncached = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens)
  const total =
    uncached * tier.input +
    cachedInputTokens * tier.cachedInput +
    cacheWriteTokens * tier.cacheWrite +
    outputTokens * tier.output
  if (!Number.isSafeInteger(total) || total < 0) return null
  const rest = total % MILLION
  return (total - rest) / MILLION + (rest > 0 ? 1 : 0)
}

/** @param rates not empty; of one model, or of several of which any may serve */
export function worstOf(rates: readonly RateTier[]): WorstRates {
  return {
    inputMicroUsd: Math.max(
      ...rates.flatMap(({ input, cachedInput, cacheWrite }) => [input, cachedInput, cacheWrite]),
    ),
    outputMicroUsd: Math.max(...rates.map(({ output }) => output)),
  }
}
