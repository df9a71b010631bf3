/** The trace that a run belongs to, as W3C trace context writes it. It never changes while the run's execution goes on. */
export interface RunTrace {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits: the caller's span, or the tool call of the parent run; null where the run is the root. */
  readonly parentSpanId: string | null
  /** The caller's decision whether the trace is recorded; null where no caller has decided. */
  readonly sampled: boolean | null
  /** How often the run was resumed: each resumption has its own root span in the trace. */
  readonly resumes: number
}
