import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common'
import type { ActivityName } from '../contracts/activities.ts'
import { ERROR_CODES, type ErrorCode } from '../contracts/error-codes.ts'
import { ACTIVITY_POLICY, type ActivityRow } from '../policies/activities.ts'
import { MODEL_CLOCKS } from '../policies/models/models.ts'

export interface FailureOptions {
  /** In place of the policy's wait before the next attempt. */
  readonly retryAfterMs?: number
  /** No attempt follows, although the code alone would allow one. */
  readonly final?: boolean
}

/**
 * The failure of an activity. The code is its type, the catalogue has its text, and the activity's row says whether another attempt can
 * help. Errors of providers and tools stay in the log.
 */
export function failure(
  activity: ActivityName,
  code: ErrorCode,
  options: FailureOptions = {},
): ApplicationFailure {
  const { retry }: ActivityRow = ACTIVITY_POLICY[activity]
  return ApplicationFailure.create({
    type: code,
    message: ERROR_CODES[code].text,
    // The outage watch logs a whole outage once. Temporal logs no attempt with a benign failure.
    ...(code === 'store_unavailable' && { category: ApplicationFailureCategory.BENIGN }),
    nonRetryable: options.final === true || retry.nonRetryable.includes(code),
    ...(options.retryAfterMs !== undefined && { nextRetryDelay: usableDelay(options.retryAfterMs) }),
  })
}

/** A delay that Temporal's SDK can encode: it ends the process over any other. */
function usableDelay(ms: number): number {
  return ms >= 1 ? Math.min(Math.ceil(ms), MODEL_CLOCKS.mostRetryAfterMs) : 1
}
