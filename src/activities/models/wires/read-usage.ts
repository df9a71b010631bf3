import type { CallUsage } from '../../../contracts/models/usage.ts'
import { PLAUSIBLE } from '../../../policies/models/models.ts'

/** Token counts as a provider reports them, unchecked; undefined or null where it reports none. */
export interface ReportedCounts {
  /** All of the input, cached tokens included. */
  readonly input?: unknown
  readonly cachedInput?: unknown
  readonly cacheWrite?: unknown
  readonly output?: unknown
  readonly reasoning?: unknown
  /** Input and output together. */
  readonly total?: unknown
}

/** Usage of a call without counts. Without input tokens its price is unknown, so its worst case counts. */
export const UNKNOWN_USAGE: CallUsage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
}

/**
 * Plausible counts, or {@link UNKNOWN_USAGE}. One implausible count makes all of them unknown: a negative one would return money to a
 * budget, and a huge one would use up a budget that many runs share. A fraction is rounded up.
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

/** undefined for an absent count, NaN for an implausible one. */
function count(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'number' && value >= 0 && value <= PLAUSIBLE.tokensOfCall
    ? Math.ceil(value)
    : Number.NaN
}
