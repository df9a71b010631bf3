import {
  APIError as AnthropicApiError,
  APIConnectionError as AnthropicConnectionError,
} from '@anthropic-ai/sdk'
import { APIError as OpenAiApiError, APIConnectionError as OpenAiConnectionError } from 'openai'
import { ReportedError } from './reported-error.ts'

/** An error as the provider reports it, whichever SDK has thrown it. */
export interface ForeignError {
  /** HTTP status; absent for an error inside a stream. */
  readonly status?: number
  /** Codes and types, most specific first. */
  readonly names: readonly string[]
  /** The provider's message, for matching only: it may contain anything. */
  readonly text: string
  readonly headers?: Headers
  readonly requestId?: string
}

/** The provider's report of an error; null for an error of the network or of our own code, and for an answer that can't be read. */
export function readForeignError(error: unknown): ForeignError | null {
  if (error instanceof ReportedError) return error.report
  if (error instanceof OpenAiConnectionError || error instanceof AnthropicConnectionError) return null
  if (error instanceof AnthropicApiError) {
    return assemble(error, error.status, [error.errorCode, error.type])
  }
  return error instanceof OpenAiApiError ? assemble(error, error.status, [error.code, error.type]) : null
}

function assemble(
  error: { message: string; headers: Headers | undefined; requestID: string | null | undefined },
  status: number | undefined,
  names: readonly unknown[],
): ForeignError {
  return {
    names: names.filter((name) => typeof name === 'string'),
    text: error.message,
    ...(status === undefined ? {} : { status }),
    ...(error.headers === undefined ? {} : { headers: error.headers }),
    ...(error.requestID ? { requestId: error.requestID } : {}),
  }
}

/** Whether no request was sent: the chain of causes has a failed name resolution or connection. */
export function neverConnected(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { syscall, code } = cause as NodeJS.ErrnoException
    if (syscall === 'connect' || syscall === 'getaddrinfo' || code === 'UND_ERR_CONNECT_TIMEOUT') return true
    // Every address of a name was tried.
    if (cause instanceof AggregateError && cause.errors.length > 0) return cause.errors.every(neverConnected)
  }
  return false
}

/** Whether a connection was refused, reset, closed or not resolved: the SDKs have a class for it, `fetch` has a chain of causes. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof OpenAiConnectionError || error instanceof AnthropicConnectionError) return true
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code: unknown = 'code' in cause ? cause.code : undefined
    if (typeof code === 'string' && /^(E[A-Z]+|EAI_[A-Z]+|UND_ERR_[A-Z_]+|HPE_[A-Z_]+)$/.test(code))
      return true
    if (cause instanceof TypeError && (cause.message === 'terminated' || cause.message === 'fetch failed'))
      return true
  }
  return false
}
