import { ERROR_CODES, type ErrorCode } from '../../contracts/error-codes.ts'
import type { CallUsage } from '../../contracts/usage.ts'

export interface ModelFailureDetails {
  /** The provider's wish, exact to the millisecond; absent where it named none. */
  readonly retryAfterMs?: number
  readonly requestId?: string
  /** What the provider says the failed call used, where it says so: it is billed all the same. */
  readonly usage?: CallUsage
  /** The foreign error, for the log only. */
  readonly cause?: unknown
}

/**
 * The only error that an adapter throws. Its message is the catalogue's, so it may travel to the workflow and the caller;
 * what the provider said is in `cause`, which must not leave the process.
 */
export class ModelFailure extends Error {
  override readonly name = 'ModelFailure'
  readonly code: ErrorCode
  declare readonly retryAfterMs?: number
  declare readonly requestId?: string
  declare readonly usage?: CallUsage

  constructor(code: ErrorCode, details: ModelFailureDetails = {}) {
    super(ERROR_CODES[code].text, { cause: details.cause })
    this.code = code
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs
    if (details.requestId !== undefined) this.requestId = details.requestId
    if (details.usage !== undefined) this.usage = details.usage
  }
}
