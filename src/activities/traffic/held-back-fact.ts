import type { ErrorCode } from '../../contracts/error-codes.ts'
import { toFactRun } from '../../telemetry/fact-run.ts'
import type { FactOf } from '../../telemetry/facts.ts'
import type { TrafficCall } from './traffic.ts'

/** What is told of a call that the traffic's gates have not let through. */
export function heldBackFact(
  { run, agent, step, hop, provider, model }: TrafficCall,
  { code, retryAfterMs }: { readonly code: ErrorCode; readonly retryAfterMs: number | null },
): FactOf<'model.held_back'> {
  return {
    type: 'model.held_back',
    run: toFactRun(run),
    agent,
    step,
    hop,
    provider,
    model,
    code,
    retryAfterMs,
    atMs: Date.now(),
  }
}
