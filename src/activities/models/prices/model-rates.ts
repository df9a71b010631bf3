import type { CallUsage } from '../../../contracts/usage.ts'

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

/** Prices in whole micro-USD for a million tokens that a call may be billed at: what its worst case is reckoned with. */
export interface WorstRates {
  /** They hold for calls whose whole input is larger than so many tokens. */
  readonly aboveTokens: number
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

/**
 * The dearest prices from each tier on, ascending: a call whose input is bounded can reach no tier above its bound, and may be
 * billed at any below.
 *
 * @param rates of one model, or of several of which any may serve
 */
export function worstOf(rates: readonly RateTier[]): WorstRates[] {
  const starts = [...new Set(rates.map(({ above }) => above))].toSorted((a, b) => a - b)
  return starts.map((aboveTokens) => {
    const reached = rates.filter(({ above }) => above <= aboveTokens)
    return {
      aboveTokens,
      inputMicroUsd: Math.max(
        ...reached.flatMap(({ input, cachedInput, cacheWrite }) => [input, cachedInput, cacheWrite]),
      ),
      outputMicroUsd: Math.max(...reached.map(({ output }) => output)),
    }
  })
}
