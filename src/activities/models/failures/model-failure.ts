import { ERROR_CODES, type ErrorCode } from '../../../contracts/error-codes.ts'
import type { CallUsage } from '../../../contracts/usage.ts'
import type { ForeignError } from './foreign-error.ts'

/**
 * `no`: nothing can have been billed, since no request was sent or the provider turned it away with an error status.
 * `unknown`: a request was sent and the end of it not seen; a provider may bill for what nobody has read.
 */
export type Billed = 'no' | 'unknown'

export interface ModelFailureDetails {
  /** The provider's wish, exact to the millisecond; absent where it named none. */
  readonly retryAfterMs?: number
  readonly requestId?: string
  /** `unknown` where it is not given. */
  readonly billed?: Billed
  /** As the provider reported it; counts of a server that counts nothing may be given, and are left out. */
  readonly usage?: CallUsage
  /** The foreign error, for the log only. */
  readonly cause?: unknown
  /** What the provider said, where one spoke. */
  readonly foreign?: ForeignError
}

/**
 * The only error that an adapter throws. Its message is the catalogue's, so it may travel to the workflow and the caller;
 * what the provider said is in `cause`, which must not leave the process.
 */
export class ModelFailure extends Error {
  override readonly name = 'ModelFailure'
  readonly code: ErrorCode
  readonly billed: Billed
  declare readonly retryAfterMs?: number
  declare readonly requestId?: string
  /** What the provider says the failed call used, once it was finished: it is billed, and exactly so. */
  declare readonly usage?: CallUsage
  /** Private, so that no log prints it. */
  readonly #foreign: ForeignError | null

  constructor(code: ErrorCode, details: ModelFailureDetails = {}) {
    super(ERROR_CODES[code].text, { cause: details.cause })
    this.code = code
    this.billed = details.billed ?? 'unknown'
    this.#foreign = details.foreign ?? null
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs
    if (details.requestId !== undefined) this.requestId = details.requestId
    if (details.usage !== undefined && details.usage.inputTokens > 0) this.usage = details.usage
  }

  /** What the provider said, for matching only; null where none spoke. */
  get foreign(): ForeignError | null {
    return this.#foreign
  }
}
