import type { TrafficOutcome } from '../../traffic/traffic.ts'
import type { ModelFailure } from './model-failure.ts'

/** A failure as the traffic is told of it. */
export function failedWith({ code, retryAfterMs }: ModelFailure): TrafficOutcome {
  return { kind: 'failed', code, ...(retryAfterMs !== undefined && { retryAfterMs }) }
}
