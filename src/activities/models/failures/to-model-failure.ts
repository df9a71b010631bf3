import type { ErrorCode } from '../../../contracts/error-codes.ts'
import { ERROR_CODES } from '../../../contracts/error-codes.ts'
import { SIZES } from '../../../policies/limits.ts'
import { readUsage } from '../wires/read-usage.ts'
import { BY_NAME, BY_STATUS, BY_TEXT, BY_TYPE } from './failure-tables.ts'
import { type ForeignError, isConnectionError, neverConnected, readForeignError } from './foreign-error.ts'
import { type Billed, ModelFailure, type ModelFailureDetails } from './model-failure.ts'
import { readRetryAfter, readRetryAfterWords } from './retry-after.ts'
import { ToldError } from './told-error.ts'

export interface FailureContext {
  /** The response's head had arrived. */
  readonly answering: boolean
  /** Some of the answer had arrived. */
  readonly hasBegun: boolean
  readonly requestId: string | null
}

/** A gateway's words for an answer that never came, or came in pieces: the provider behind it may have worked, and billed. */
const GAVE_UP: ReadonlySet<number> = new Set([408, 499, 502, 504, 520, 522, 524])

/** Told before anything of an answer, these say that no model has worked. */
const TURNED_AWAY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'model_rate_limited',
  'model_overloaded',
  'model_quota_exhausted',
  'model_unauthorized',
  'model_request_refused',
  'model_context_too_long',
])

/** The one door through which an error of a provider, an SDK or the network becomes ours. Compare the code, nothing else. */
export function toModelFailure(error: unknown, context: FailureContext): ModelFailure {
  if (error instanceof ModelFailure) return error
  const foreign = readForeignError(error)
  const code = foreign === null ? codeOfOwn(error, context) : codeOf(foreign)
  const requestId = foreign?.requestId ?? context.requestId
  const retryAfterMs = foreign === null ? undefined : wishOf(foreign, code)
  const details: ModelFailureDetails = {
    cause: foreign === null ? error : inBrief(error, foreign),
    billed: billedOf(error, foreign, code, context),
    ...(foreign === null ? {} : { foreign }),
    ...(requestId === null ? {} : { requestId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(error instanceof ToldError ? { usage: readUsage(error.counts) } : {}),
  }
  return new ModelFailure(code, details)
}

function codeOfOwn(error: unknown, { answering }: FailureContext): ErrorCode {
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
  if (!answering) return foreign.status !== undefined && !GAVE_UP.has(foreign.status) ? 'no' : 'unknown'
  return !hasBegun && isTold(foreign) && TURNED_AWAY.has(code) ? 'no' : 'unknown'
}

/** The provider named what is wrong, in words or a number that we know. */
function isTold({ status, names }: ForeignError): boolean {
  return (
    (status !== undefined && !GAVE_UP.has(status)) ||
    names.some((name) => BY_NAME.has(name) || BY_TYPE.has(name))
  )
}

function wishOf({ headers, text }: ForeignError, code: ErrorCode): number | undefined {
  const wish = headers === undefined ? undefined : readRetryAfter(headers)
  return wish ?? (code === 'model_rate_limited' ? readRetryAfterWords(text) : undefined)
}

/** For the log: the SDKs' errors carry whole bodies and headers, which a provider may fill without end. */
function inBrief(error: unknown, { status, text }: ForeignError): Error {
  const brief = new Error(text.slice(0, SIZES.loggedExcerptCharacters))
  brief.name = error instanceof Error ? error.name : 'Error'
  return status === undefined ? brief : Object.assign(brief, { status })
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
