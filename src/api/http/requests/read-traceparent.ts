/** Whose work a request is part of, as its caller says. */
export interface CallersTrace {
  readonly traceId: string
  readonly spanId: string
  readonly sampled: boolean
}

/** Version, trace id, span id and flags. A later version may have more fields after them. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

const INVALID_VERSION = 'ff'
const SAMPLED = 0x01

/**
 * Reads the header `traceparent` by W3C Trace Context. A header that the standard calls invalid is ignored, as it demands: the request
 * then begins a trace of its own.
 */
export function readTraceparent(header: unknown): CallersTrace | null {
  if (typeof header !== 'string') return null
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(header.trim()) ?? []
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined)
    return null
  if (version === INVALID_VERSION || (version === '00' && more !== undefined)) return null
  if (isZero(traceId) || isZero(spanId)) return null
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED }
}

function isZero(id: string): boolean {
  return /^0+$/.test(id)
}
