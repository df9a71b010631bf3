import type { CallUsage } from '../../../contracts/models/usage.ts'

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

/** Tiers in ascending order. The last tier whose `above` the call's input exceeds has the prices of all its tokens, output included. */
export type ModelRates = readonly [RateTier, ...RateTier[]]

/** The highest prices that a call may be billed at, in whole micro-USD for a million tokens: its worst case is calculated with them. */
export interface WorstRates {
  /** The prices are for calls whose whole input is larger than this number of tokens. */
  readonly aboveTokens: number
  /** Price of an input token, cached or not. */
  readonly inputMicroUsd: number
  readonly outputMicroUsd: number
}

const MILLION = 1_000_000

/**
 * Cost of a call in whole micro-USD: calculated exactly, then rounded up, so that it is never less than the bill. null for counts that
 * no call can have.
 */
export function callCost(rates: ModelRates, usage: CallUsage): number | null {
  const { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens } = usage
  const tier = rates.findLast(({ above }) => inputTokens > above) ?? rates[0]
  // A server may count cached tokens beside the input instead of inside it: the rest must not be negative.
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
 * The highest prices up to each tier, ascending: a call with a bounded input may be billed at any tier below the bound.
 *
 * @param rates the tiers of one model, or of several models of which any may serve
 */
export function worstRatesOf(rates: readonly RateTier[]): WorstRates[] {
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
