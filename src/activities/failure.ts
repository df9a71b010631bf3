import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common'
import type { ActivityName } from '../contracts/activities.ts'
import { ERROR_CODES, type ErrorCode } from '../contracts/error-codes.ts'
import { ACTIVITY_POLICY, type ActivityRow } from '../policies/activities.ts'
import { MODEL_CLOCKS } from '../policies/models.ts'

export interface FailureOptions {
  /** In place of the policy's wait before the next attempt. */
  readonly retryAfterMs?: number
  /** No attempt after this one, though the code alone would allow it. */
  readonly final?: boolean
}

/**
 * The one way in which an activity fails: the code is the failure's type, its text the catalogue's, and the activity's row
 * says whether another attempt can help. What happened in the foreign part stays in the log.
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
    // The log has a line for an outage as a whole: Temporal's own, for each attempt, stays away.
    ...(code === 'store_unavailable' && { category: ApplicationFailureCategory.BENIGN }),
    nonRetryable: options.final === true || retry.nonRetryable.includes(code),
    ...(options.retryAfterMs !== undefined && { nextRetryDelay: usableDelay(options.retryAfterMs) }),
  })
}

/** Temporal's SDK ends the process over a delay that it can't encode. */
function usableDelay(ms: number): number {
  return ms >= 1 ? Math.min(Math.ceil(ms), MODEL_CLOCKS.mostRetryAfterMs) : 1
}
