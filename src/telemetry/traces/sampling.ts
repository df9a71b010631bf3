import type { RunTrace } from '../../contracts/runs/run-trace.ts'

import type { Sampler } from '../../policies/operations/traces.ts'

export interface Sampling {
  readonly sampler: Sampler
  /** The share of traces that `traceidratio` keeps, from 0 to 1. */
  readonly ratio: number
}

/**
 * Whether a trace is exported. Every process that works for the run comes to the same answer, since it follows from the trace alone: the
 * caller's word where the sampler heeds it, and otherwise the trace's id.
 */
export function isSampled({ sampler, ratio }: Sampling, { traceId, sampled }: RunTrace): boolean {
  const [heeds, own] = sampler.startsWith('parentbased_')
    ? [true, sampler.slice('parentbased_'.length)]
    : [false, sampler]
  if (heeds && sampled !== null) return sampled
  if (own === 'traceidratio') return isKept(traceId, ratio)
  return own === 'always_on'
}

const RANDOM_NUMBERS = 2 ** 48

/** By the upper 48 of the last 56 bits, which W3C Trace Context wants random: so many a number holds exactly. */
function isKept(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-14, -2), 16) >= RANDOM_NUMBERS * (1 - ratio)
}
