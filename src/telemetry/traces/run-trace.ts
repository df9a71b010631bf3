import { createHash } from 'node:crypto'
import type { RunTrace } from '../../contracts/runs/run-trace.ts'

/** What the store keeps of a run's trace. All null where no caller has sent one, and for runs of a release that kept none. */
export interface KeptTrace {
  readonly traceId: string | null
  readonly callerSpanId: string | null
  readonly traceSampled: boolean | null
  readonly resumes: number
}

/** A run's trace. Without a caller's it follows from the run's id, so that every process comes to the same one. */
export function runTraceOf(runId: string, kept: KeptTrace): RunTrace {
  const { traceId, callerSpanId, traceSampled, resumes } = kept
  return { traceId: traceId ?? ownTraceId(runId), parentSpanId: callerSpanId, sampled: traceSampled, resumes }
}

/** The trace id of a run that nobody has given one. */
export function ownTraceId(runId: string): string {
  return createHash('sha256').update(`trace ${runId}`).digest('hex').slice(0, 32)
}
