import { type Attributes, type HrTime, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base'
import { ERROR_TYPE, SCOPE } from './names.ts'

/** A span that is over. Times are milliseconds since 1970. */
export interface FinishedSpan {
  readonly name: string
  /** `client`: a call to another server. */
  readonly kind: 'internal' | 'client'
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | null
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  /** Code of the failure. */
  readonly error?: string
  /** Spans of the same trace that this one goes on from. */
  readonly linkedSpanIds?: readonly string[]
}

/** A span as the SDK's exporters take it. */
export function toReadableSpan(span: FinishedSpan, resource: Resource): ReadableSpan {
  const { name, kind, traceId, startMs, parentSpanId, error, linkedSpanIds = [] } = span
  const endMs = Math.max(startMs, span.endMs)
  const contextOf = (spanId: string) => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED })
  const context = contextOf(span.spanId)
  return {
    name,
    kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
    spanContext: () => context,
    ...(parentSpanId !== null && { parentSpanContext: contextOf(parentSpanId) }),
    startTime: toHrTime(startMs),
    endTime: toHrTime(endMs),
    duration: toHrTime(endMs - startMs),
    status:
      error === undefined ? { code: SpanStatusCode.UNSET } : { code: SpanStatusCode.ERROR, message: error },
    attributes: { ...span.attributes, ...(error !== undefined && { [ERROR_TYPE]: error }) },
    links: linkedSpanIds.map((spanId) => ({ context: contextOf(spanId) })),
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: SCOPE },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

/** Seconds and nanoseconds. */
function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000)
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)]
}
