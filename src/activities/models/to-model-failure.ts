import type { ErrorCode } from '../../contracts/error-codes.ts'
import { ERROR_CODES } from '../../contracts/error-codes.ts'
import { BY_NAME, BY_STATUS, BY_TEXT, BY_TYPE } from './failure-tables.ts'
import { type ForeignError, isConnectionError, neverConnected, readForeignError } from './foreign-error.ts'
import { ModelFailure, type ModelFailureDetails } from './model-failure.ts'
import { readRetryAfter } from './retry-after.ts'

export interface FailureContext {
  /** The response's head had arrived. */
  readonly answering: boolean
  readonly requestId: string | null
}

/** A gateway's words for an answer that never came, or came in pieces: the provider behind it may have worked, and billed. */
const GAVE_UP: ReadonlySet<number> = new Set([408, 499, 502, 504, 520, 522, 524])

/** The one door through which an error of a provider, an SDK or the network becomes ours. Compare the code, nothing else. */
export function toModelFailure(error: unknown, context: FailureContext): ModelFailure {
  if (error instanceof ModelFailure) return error
  const foreign = readForeignError(error)
  const requestId = foreign?.requestId ?? context.requestId
  const retryAfterMs = foreign?.headers === undefined ? undefined : readRetryAfter(foreign.headers)
  const turnedAway = foreign?.status !== undefined && !context.answering && !GAVE_UP.has(foreign.status)
  const details: ModelFailureDetails = {
    cause: error,
    billed: turnedAway || neverConnected(error) ? 'no' : 'unknown',
    ...(foreign === null ? {} : { foreign }),
    ...(requestId === null ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
  if (foreign !== null) return new ModelFailure(codeOf(foreign), details)
  if (isConnectionError(error))
    return new ModelFailure(context.answering ? 'model_stalled' : 'model_unreachable', details)
  return new ModelFailure('model_answer_malformed', details)
}

/** Most telling first: a name that is the provider's own, wording where there is no name, the status, the broad type. */
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

/** `x-should-retry` is the provider's word on its own answer, and outweighs what the status alone would say. */
function obeyShouldRetry(code: ErrorCode, error: ForeignError): ErrorCode {
  const said = error.headers?.get('x-should-retry')
  if (said === 'true' && !ERROR_CODES[code].retryable) return 'model_overloaded'
  if (said === 'false' && code === 'model_rate_limited') return 'model_quota_exhausted'
  if (said === 'false' && ERROR_CODES[code].retryable) return 'model_request_refused'
  return code
}
