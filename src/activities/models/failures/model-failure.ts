import { ERROR_CODES, type ErrorCode } from '../../../contracts/error-codes.ts'
import type { CallUsage } from '../../../contracts/models/usage.ts'
import { SIZES } from '../../../policies/limits.ts'
import type { ForeignError } from './foreign-error.ts'
import { UnreadableAnswer, withoutQuotes } from './unreadable-answer.ts'

/**
 * `no`: nothing is billed, since no request was sent, or the provider refused it with an error status.
 * `unknown`: a request was sent and its end is not known; the provider may bill an answer that was not received.
 */
export type Billed = 'no' | 'unknown'

export interface ModelFailureDetails {
  /** The wait that the provider asks for, exact to the millisecond; absent where it asks for none. */
  readonly retryAfterMs?: number
  readonly requestId?: string
  /** `unknown` where it is not given. */
  readonly billed?: Billed
  /** As the provider reports it. Usage without input tokens counts as absent: some servers report zeros. */
  readonly usage?: CallUsage
  /** For the log only. It has none of the provider's words; see `said`. */
  readonly cause?: unknown
  /** The provider's report of the error, where there is one. */
  readonly foreign?: ForeignError
}

/**
 * The only error that an adapter throws. Its message is the catalogue's, so the workflow and the caller may have it. Its causes are for the
 * log. The provider's own words are in neither, since they may quote a prompt or an answer.
 */
export class ModelFailure extends Error {
  override readonly name = 'ModelFailure'
  readonly code: ErrorCode
  readonly billed: Billed
  declare readonly retryAfterMs?: number
  declare readonly requestId?: string
  /** Usage of a failed call that the provider has finished: exactly this is billed. */
  declare readonly usage?: CallUsage
  /** Private, so that loggers leave it out. */
  readonly #foreign: ForeignError | null

  constructor(code: ErrorCode, details: ModelFailureDetails = {}) {
    super(ERROR_CODES[code].text, { cause: withoutQuotes(details.cause) })
    this.code = code
    this.billed = details.billed ?? 'unknown'
    this.#foreign = details.foreign ?? null
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs
    if (details.requestId !== undefined) this.requestId = details.requestId
    if (details.usage !== undefined && details.usage.inputTokens > 0) this.usage = details.usage
  }

  /** The provider's report of the error, for matching only; null where there is none. */
  get foreign(): ForeignError | null {
    return this.#foreign
  }

  /** The provider's words, cut, for a log that has content; null where there are none. */
  get said(): string | null {
    const { cause } = this
    const words = this.#foreign?.text ?? (cause instanceof UnreadableAnswer ? cause.said : null)
    if (words !== null) return words.slice(0, SIZES.loggedExcerptCharacters)
    return cause instanceof ModelFailure ? cause.said : null
  }
}
