import type { Fact } from './facts.ts'

/** Takes facts, and makes of them what it is for: spans, metrics or log lines. */
export interface FactSink {
  /** Must not throw, and must not wait: the work that it tells of goes on. */
  take(fact: Fact): void
}

/** What a process tells of its work. */
export interface Telemetry {
  record(fact: Fact): void
}

export function createTelemetry(sinks: readonly FactSink[]): Telemetry {
  return {
    record(fact) {
      for (const sink of sinks) sink.take(fact)
    },
  }
}

/** For a process that tells nothing. */
export const NO_TELEMETRY: Telemetry = createTelemetry([])
