import type { RunTrace } from '../contracts/runs/run-trace.ts'
import type { Fact } from './facts.ts'

/** Takes facts, and makes of them what it is for: spans, metrics or log lines. */
export interface FactSink {
  /** Must not throw, and must not wait: the work that it tells of goes on. */
  take(fact: Fact): void
}

/** What a process tells of its work. */
export interface Telemetry {
  record(fact: Fact): void
  /** Whether this process exports spans at all. */
  readonly exportsSpans: boolean
  /** Whether the spans of the trace are exported, for those who go on with it. */
  isSampled(trace: RunTrace): boolean
}

/** @param isSampled where it is not given, no spans are made here, and the caller's word goes on */
export function createTelemetry(sinks: readonly FactSink[], isSampled?: Telemetry['isSampled']): Telemetry {
  return {
    exportsSpans: isSampled !== undefined,
    isSampled: isSampled ?? (({ sampled }) => sampled === true),
    record(fact) {
      for (const sink of sinks) sink.take(fact)
    },
  }
}

/** For a process that tells nothing. */
export const NO_TELEMETRY: Telemetry = createTelemetry([])
