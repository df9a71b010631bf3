import type { ActivityName } from '../contracts/activities.ts'
import type { ErrorCode } from '../contracts/error-codes.ts'

/** How one activity is tried. Times are milliseconds. */
export interface ActivityRow {
  /** One attempt, from start to end. */
  readonly startToCloseMs: number
  /** All attempts together, waits between them included. */
  readonly scheduleToCloseMs: number
  /** Silence after which an attempt counts as dead; 0 for those that end before it would matter. */
  readonly heartbeatMs: number
  readonly retry: {
    readonly maximumAttempts: number
    readonly initialIntervalMs: number
    readonly backoffCoefficient: number
    readonly maximumIntervalMs: number
    readonly nonRetryable: readonly ErrorCode[]
  }
  /** What a cancel does: `wait` for the attempt to end, or `abandon` it. */
  readonly onCancel: 'wait' | 'abandon'
}

/** Failures that no repetition mends, whatever the activity. */
const FINAL: readonly ErrorCode[] = ['tool_arguments_mismatch']

/** Bookkeeping: short statements against the store. It outlasts a long outage, since a run must not end over one. */
const BOOKKEEPING = {
  startToCloseMs: 10_000,
  scheduleToCloseMs: 86_400_000,
  heartbeatMs: 0,
  retry: {
    maximumAttempts: 5_000,
    initialIntervalMs: 200,
    backoffCoefficient: 2,
    maximumIntervalMs: 20_000,
    nonRetryable: FINAL,
  },
  onCancel: 'wait',
} as const satisfies ActivityRow

/** One row an activity; a missing one does not compile. Tools have a row each in `tools.ts`, over `runTool`'s. */
export const ACTIVITY_POLICY = {
  openRun: BOOKKEEPING,
  callModel: {
    startToCloseMs: 300_000,
    scheduleToCloseMs: 900_000,
    heartbeatMs: 10_000,
    retry: {
      maximumAttempts: 4,
      initialIntervalMs: 1_000,
      backoffCoefficient: 2,
      maximumIntervalMs: 30_000,
      nonRetryable: [
        ...FINAL,
        'model_unauthorized',
        'model_quota_exhausted',
        'model_request_refused',
        'model_context_too_long',
        'model_content_filtered',
      ],
    },
    onCancel: 'wait',
  },
  runTool: {
    startToCloseMs: 30_000,
    scheduleToCloseMs: 600_000,
    heartbeatMs: 10_000,
    retry: {
      maximumAttempts: 6,
      initialIntervalMs: 500,
      backoffCoefficient: 2,
      maximumIntervalMs: 20_000,
      nonRetryable: FINAL,
    },
    onCancel: 'wait',
  },
  requestApproval: BOOKKEEPING,
  admitDecision: BOOKKEEPING,
  recordRefusal: BOOKKEEPING,
  recordRefusals: BOOKKEEPING,
  recordProgress: BOOKKEEPING,
  recordDecision: BOOKKEEPING,
  noteToolResults: BOOKKEEPING,
  openChild: BOOKKEEPING,
  closeChild: BOOKKEEPING,
  recordBudget: BOOKKEEPING,
  recordModelWait: BOOKKEEPING,
  admitBudgetChange: BOOKKEEPING,
  closeRun: BOOKKEEPING,
} as const satisfies Record<ActivityName, ActivityRow>
