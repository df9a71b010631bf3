import { CancelledFailure } from '@temporalio/common'

/* Why an activity is cancelled: Temporal's SDK says it as the message of its `CancelledFailure`. */

/**
 * Whether the run has stopped the activity. An attempt is cancelled, too, when its worker has to end, when it has not been heard of in time
 * (`TIMED_OUT`), and when Temporal no longer knows it (`NOT_FOUND`): another attempt may follow then.
 */
export function isStoppedByRun(error: unknown): boolean {
  return error instanceof CancelledFailure && error.message === 'CANCELLED'
}

/** Whether the signal was aborted because the worker is asked to end, and not because the activity is cancelled. */
export function isWorkerShutdown({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof Error && reason.message === 'WORKER_SHUTDOWN'
}
