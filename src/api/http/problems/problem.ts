import { ERROR_CODES, type ErrorCode } from '../../../contracts/error-codes.ts'
import { HTTP } from '../../../policies/api.ts'

/** A mistake at one place of the request; `pointer` is a JSON pointer into the body, or `/name` of a query parameter. */
export interface ProblemItem {
  readonly pointer: string
  readonly detail: string
}

interface ProblemOptions {
  /** Our own text, where the catalogue's is not exact enough. */
  readonly detail?: string
  readonly errors?: readonly ProblemItem[]
  readonly headers?: Readonly<Record<string, string>>
  /** For the log only. */
  readonly cause?: unknown
}

/** What an answer with a code of the catalogue tells. */
export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  readonly errors?: readonly ProblemItem[] | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** Thrown by a handler to answer with a code of the catalogue. */
export class Problem extends Error implements Refusal {
  override readonly name = 'Problem'
  readonly code: ErrorCode
  readonly errors: readonly ProblemItem[] | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, { detail, errors, headers = {}, cause }: ProblemOptions = {}) {
    super(detail ?? ERROR_CODES[code].text, { cause })
    this.code = code
    this.errors = errors
    this.headers = headers
  }
}

/** The body of an error answer, by RFC 9457. */
export interface ProblemBody {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  readonly code: ErrorCode
  readonly request_id: string
  readonly trace_id?: string
  readonly errors?: readonly ProblemItem[]
}

/**
 * @param instance path of the request, without its query, which may hold what must not get into a log
 * @param traceId of the request, where its caller has sent one
 */
export function toProblemBody(
  problem: Refusal,
  instance: string,
  requestId: string,
  traceId?: string,
): ProblemBody {
  const { code, message, errors } = problem
  return {
    type: `/errors#${code}`,
    title: titleOf(code),
    status: ERROR_CODES[code].http,
    detail: message,
    instance,
    code,
    request_id: requestId,
    ...(traceId !== undefined && { trace_id: traceId }),
    ...(errors !== undefined && { errors: errors.slice(0, HTTP.problemErrors) }),
  }
}

/** Made once: answers that refuse come in masses. */
const TITLES = Object.fromEntries(
  Object.keys(ERROR_CODES).map((code) => {
    const words = code.replaceAll('_', ' ').replace('json', 'JSON').replace('uri', 'URI')
    return [code, words.charAt(0).toUpperCase() + words.slice(1)]
  }),
) as Readonly<Record<ErrorCode, string>>

/** `already_decided` → "Already decided". */
export function titleOf(code: ErrorCode): string {
  return TITLES[code]
}
