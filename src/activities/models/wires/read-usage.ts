import type { CallUsage } from '../../../contracts/usage.ts'
import { PLAUSIBLE } from '../../../policies/models.ts'

/** Tokens as a provider has counted them, whatever it has put there; undefined or null where it has not counted. */
export interface ReportedCounts {
  /** All of the input, what was cached included. */
  readonly input?: unknown
  readonly cachedInput?: unknown
  readonly cacheWrite?: unknown
  readonly output?: unknown
  readonly reasoning?: unknown
  /** Input and output together. */
  readonly total?: unknown
}

/** The books take a call without input tokens for one that nobody has counted: its worst case counts. */
export const UNKNOWN_USAGE: CallUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
}

/**
 * Counts that a call can have, or {@link UNKNOWN_USAGE}. One count that can't be true spoils the others: a negative one would give
 * a budget back what was spent of it, and a huge one would use up everybody's. A fraction is rounded up.
 */
export function readUsage(reported: ReportedCounts): CallUsage {
  const input = count(reported.input)
  const output = count(reported.output)
  const [cached = 0, cacheWrite = 0, reasoning = 0] = [
    reported.cachedInput,
    reported.cacheWrite,
    reported.reasoning,
  ].map(count)
  const total = count(reported.total)
  const all = [input, output, cached, cacheWrite, reasoning, total]
  if (!input || output === undefined || all.some(Number.isNaN)) return UNKNOWN_USAGE
  return {
    inputTokens: input,
    cachedInputTokens: cached,
    cacheWriteTokens: cacheWrite,
    // Some servers count thinking beside the output instead of inside it: then only the total has it.
    outputTokens: total === undefined ? output : Math.max(output, total - input),
    reasoningTokens: reasoning,
  }
}

/** undefined where there is none, NaN where it can't be one. */
function count(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'number' && value >= 0 && value <= PLAUSIBLE.tokensOfCall
    ? Math.ceil(value)
    : Number.NaN
}
