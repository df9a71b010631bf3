import type { ErrorCode } from '../../../contracts/error-codes.ts'
import { ERROR_CODES } from '../../../contracts/error-codes.ts'
import { readUsage } from '../wires/read-usage.ts'
import { BY_NAME, BY_STATUS, BY_TEXT, BY_TYPE } from './failure-tables.ts'
import { type ForeignError, isConnectionError, neverConnected, readForeignError } from './foreign-error.ts'
import { isWord } from './is-word.ts'
import { type Billed, ModelFailure, type ModelFailureDetails } from './model-failure.ts'
import { ReportedError } from './reported-error.ts'
import { readRetryAfter, readRetryAfterWords } from './retry-after.ts'

export interface FailureContext {
  /** Whether the response's head had arrived. */
  readonly answering: boolean
  /** Whether a part of the answer had arrived. */
  readonly hasBegun: boolean
  readonly requestId: string | null
}

/** Of a request beside the answers, of which nothing more is known. */
export const NOT_ANSWERED: FailureContext = { answering: false, hasBegun: false, requestId: null }

/** Statuses of a gateway that has not got the provider's whole answer: the model may have worked, and may be billed. */
const UNANSWERED: ReadonlySet<number> = new Set([408, 499, 502, 504, 520, 522, 524])

/** Failures that mean, when they are reported before any part of an answer, that no model has worked. */
const NOT_BILLED: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'model_rate_limited',
  'model_overloaded',
  'model_quota_exhausted',
  'model_unauthorized',
  'model_request_refused',
  'model_context_too_long',
])

/** Converts every error of a provider, an SDK or the network. Callers compare the failure's code, and nothing else. */
export function toModelFailure(error: unknown, context: FailureContext): ModelFailure {
  const own = ownFailure(error)
  if (own !== null) return own
  const foreign = readForeignError(error)
  const code = foreign === null ? codeOfUnreported(error, context) : codeOf(foreign)
  const requestId = foreign?.requestId ?? context.requestId
  const retryAfterMs = foreign === null ? undefined : retryAfterOf(foreign, code)
  const details: ModelFailureDetails = {
    cause: foreign === null ? error : forLog(error, foreign),
    billed: billedOf(error, foreign, code, context),
    ...(foreign === null ? {} : { foreign }),
    ...(requestId === null ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(error instanceof ReportedError ? { usage: readUsage(error.counts) } : {}),
  }
  return new ModelFailure(code, details)
}

/** A failure of ours, which an SDK may have wrapped in an error of its own. */
function ownFailure(error: unknown): ModelFailure | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ModelFailure) return cause
  }
  return null
}

function codeOfUnreported(error: unknown, { answering }: FailureContext): ErrorCode {
  if (!isConnectionError(error)) return 'model_answer_malformed'
  return answering ? 'model_stalled' : 'model_unreachable'
}

function billedOf(
  error: unknown,
  foreign: ForeignError | null,
  code: ErrorCode,
  { answering, hasBegun }: FailureContext,
): Billed {
  if (neverConnected(error)) return 'no'
  if (foreign === null) return 'unknown'
  if (!answering) return foreign.status !== undefined && !UNANSWERED.has(foreign.status) ? 'no' : 'unknown'
  return !hasBegun && isKnown(foreign) && NOT_BILLED.has(code) ? 'no' : 'unknown'
}

/** Whether the provider reports a status or a name that our tables have. */
function isKnown({ status, names }: ForeignError): boolean {
  return (
    (status !== undefined && !UNANSWERED.has(status)) ||
    names.some((name) => BY_NAME.has(name) || BY_TYPE.has(name))
  )
}

function retryAfterOf({ headers, text }: ForeignError, code: ErrorCode): number | undefined {
  const wish = headers === undefined ? undefined : readRetryAfter(headers)
  return wish ?? (code === 'model_rate_limited' ? readRetryAfterWords(text) : undefined)
}

/** An error for the log: the SDKs' errors have whole bodies and headers, and the provider's message may quote the prompt. */
function forLog(error: unknown, { status, names }: ForeignError): Error {
  const words = names.filter(isWord)
  const brief = new Error(words.length > 0 ? words.join(', ') : 'the provider names no reason')
  brief.name = error instanceof Error ? error.name : 'Error'
  return status === undefined ? brief : Object.assign(brief, { status })
}

/** The most precise first: the provider's own code, its message where it has no code, the status, the broad type. */
function codeOf(error: ForeignError): ErrorCode {
  for (const name of error.names) {
    const code = BY_NAME.get(name)
    if (code !== undefined) return code
  }
  if (error.status === undefined || error.status === 400 || error.status === 413 || error.status === 422) {
    for (const [pattern, code] of BY_TEXT) if (pattern.test(error.text)) return code
  }
  return obeyShouldRetry(byStatusOrType(error), error)
}

function byStatusOrType(error: ForeignError): ErrorCode {
  const { status } = error
  if (status !== undefined) {
    return BY_STATUS.get(status) ?? (status >= 500 ? 'model_overloaded' : 'model_request_refused')
  }
  for (const name of error.names) {
    const code = BY_TYPE.get(name)
    if (code !== undefined) return code
  }
  return 'model_overloaded'
}

/** Applies `x-should-retry`, by which the provider says more of its own answer than the status does. */
function obeyShouldRetry(code: ErrorCode, error: ForeignError): ErrorCode {
  const shouldRetry = error.headers?.get('x-should-retry')
  if (shouldRetry === 'true' && !ERROR_CODES[code].retryable) return 'model_overloaded'
  if (shouldRetry === 'false' && code === 'model_rate_limited') return 'model_quota_exhausted'
  if (shouldRetry === 'false' && ERROR_CODES[code].retryable) return 'model_request_refused'
  return code
}
