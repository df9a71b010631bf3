import type { Problem } from './generated.ts'

/**
 * The API's own codes, and two of the client's: `no_answer` where none came in time or the connection broke, `unexpected_answer` where
 * what came is not the API's, such as a proxy's page. A later API may have more codes.
 */
export type HoldfastErrorCode = Problem['code'] | 'no_answer' | 'unexpected_answer' | (string & {})

interface Details {
  readonly status?: number
  readonly requestId?: string | null
  readonly errors?: Problem['errors']
  readonly retryAfterMs?: number | null
  readonly cause?: unknown
}

/** A request that came to nothing. The message is the API's own text. */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError'
  readonly code: HoldfastErrorCode
  /** Of HTTP; 0 where no answer came. */
  readonly status: number
  /** Names the request in the API's log. */
  readonly requestId: string | null
  /** What is wrong with which part of the request: JSON pointers into the body, or `/name` of a query parameter. */
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[]
  /** What the API asks to be waited before the next request; null where it says nothing. */
  readonly retryAfterMs: number | null

  constructor(code: HoldfastErrorCode, message: string, details: Details = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.status = details.status ?? 0
    this.requestId = details.requestId ?? null
    this.errors = details.errors ?? []
    this.retryAfterMs = details.retryAfterMs ?? null
  }
}

/** The error that an answer tells of. Reads its body. */
export async function errorOf(response: Response): Promise<HoldfastError> {
  const { status, headers } = response
  const retryAfterMs = readRetryAfter(headers.get('retry-after'), Date.now())
  const text = await response.text()
  const problem = headers.get('content-type')?.includes('json') ? (parse(text) as Partial<Problem>) : null
  if (typeof problem?.code !== 'string')
    return new HoldfastError('unexpected_answer', `The answer has status ${status} and is not the API's.`, {
      status,
      requestId: headers.get('x-request-id'),
      retryAfterMs,
    })
  const { code, detail, title, request_id, errors } = problem
  return new HoldfastError(code, detail ?? title ?? code, {
    status,
    requestId: request_id ?? null,
    errors,
    retryAfterMs,
  })
}

/** null where the text is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Milliseconds that `Retry-After` asks for, in seconds or as a date; null where it cannot be understood. */
function readRetryAfter(header: string | null, nowMs: number): number | null {
  if (header === null) return null
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs)
}
