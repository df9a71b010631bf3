import type { ActivityName } from '../contracts/activities.ts'
import type { ErrorCode } from '../contracts/error-codes.ts'

/**
 * How one activity is tried. Times are milliseconds. Temporal repeats it for as long as it takes: neither time in which nobody
 * could try nor a failure of our own side may end a run. What is final, the activity itself says when it fails.
 */
export interface ActivityRow {
  /** One attempt, from start to end. */
  readonly startToCloseMs: number
  /** Silence after which an attempt counts as dead; 0 for those that end before it would matter. */
  readonly heartbeatMs: number
  /** The wait before another attempt, where the failure names none. */
  readonly retry: Backoff & {
    /** Failures that no repetition mends. */
    readonly nonRetryable: readonly ErrorCode[]
  }
  /** What a cancel does: `wait` for the attempt to end, or `abandon` it. */
  readonly onCancel: 'wait' | 'abandon'
}

export interface Backoff {
  readonly initialIntervalMs: number
  readonly backoffCoefficient: number
  readonly maximumIntervalMs: number
}

/** Failures that no repetition mends, whatever the activity. */
const FINAL: readonly ErrorCode[] = ['tool_arguments_mismatch']

/** Soon back after a moment's trouble of our own side, and no burden on it when the trouble lasts. */
const PATIENCE = { initialIntervalMs: 200, backoffCoefficient: 2, maximumIntervalMs: 10_000 } as const

/** Bookkeeping: short statements against the store. */
const BOOKKEEPING = {
  startToCloseMs: 10_000,
  heartbeatMs: 0,
  retry: { ...PATIENCE, nonRetryable: FINAL },
  onCancel: 'wait',
} as const satisfies ActivityRow

/**
 * What asks somebody outside. An attempt that has its answer stores it for as long as the store is away, so it is its heartbeats
 * that say whether it lives; the time of the asking itself is in `MODEL_CLOCKS` and in the tools' rows.
 */
const ASKING = {
  startToCloseMs: 604_800_000,
  heartbeatMs: 10_000,
  onCancel: 'wait',
} as const

/** One row an activity; a missing one does not compile. */
export const ACTIVITY_POLICY = {
  openRun: BOOKKEEPING,
  callModel: {
    ...ASKING,
    retry: {
      ...PATIENCE,
      nonRetryable: [
        ...FINAL,
        'model_unauthorized',
        'model_key_missing',
        'model_quota_exhausted',
        'model_request_refused',
        'model_context_too_long',
        'model_content_filtered',
      ],
    },
  },
  runTool: { ...ASKING, retry: { ...PATIENCE, nonRetryable: FINAL } },
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

/**
 * How often others are asked. A try counts once it has reached them: what our own side fails with uses none up, and an attempt
 * whose worker died is counted on its own, so that a call that kills its worker ends.
 */
export const TRIES = {
  /** Of one model, in one hop of the chain. */
  model: {
    most: 4,
    mostLost: 10,
    initialIntervalMs: 1_000,
    backoffCoefficient: 2,
    maximumIntervalMs: 30_000,
  },
  /** Of one tool call. How many there are, and how long each may take, is in the tool's row; here, for a call of 0.2.0's. */
  tool: {
    most: 6,
    timeoutMs: 10_000,
    mostLost: 10,
    initialIntervalMs: 500,
    backoffCoefficient: 2,
    maximumIntervalMs: 20_000,
  },
} as const satisfies Record<
  string,
  Backoff & { readonly most: number; readonly mostLost: number; readonly timeoutMs?: number }
>

/** Work inside a workflow task holds the task up: what does not succeed there soon goes on as an ordinary activity. */
export const LOCAL = {
  attempts: 3,
  /** For the store, in addition to a tool's own time. */
  spareMs: 3_000,
} as const

/** An answer in hand, while the store is away. The wait stays short: a worker that is asked to end has seconds left. */
export const STORING: Backoff = { initialIntervalMs: 100, backoffCoefficient: 2, maximumIntervalMs: 1_000 }

/** Attempts after which a fault of our own code is final: half a day of them. An outage is repeated without end. */
export const MOST_FAULTS = 5_000

/** A run that the store does not know. Soon again, so that a worker with another store gets to see it, and given up soon. */
export const UNKNOWN_RUN = { most: 20, everyMs: 1_000 } as const

/** The wait before try `n + 1`, after `n` of them. */
export function waitAfter(tries: number, backoff: Backoff): number {
  const { initialIntervalMs, backoffCoefficient, maximumIntervalMs } = backoff
  return Math.min(initialIntervalMs * backoffCoefficient ** (tries - 1), maximumIntervalMs)
}
