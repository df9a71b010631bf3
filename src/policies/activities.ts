import type { ActivityName } from '../contracts/activities.ts'
import type { ErrorCode } from '../contracts/error-codes.ts'

/**
 * How one activity is tried. Times are milliseconds. Temporal repeats it without end: neither a time without workers nor a failure of
 * the product's own side may end a run. The activity itself marks the failures that are final.
 */
export interface ActivityRow {
  /** One attempt, from start to end. */
  readonly startToCloseMs: number
  /** An attempt without a heartbeat for this long counts as dead; 0 for attempts that are too short to need one. */
  readonly heartbeatMs: number
  /** The wait before another attempt, where the failure names none. */
  readonly retry: Backoff & {
    /** Failures that are never repeated. */
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

/** Failures that no activity repeats. */
const FINAL: readonly ErrorCode[] = ['tool_arguments_mismatch']

/** Repeats soon after a short failure of the product's own side, and rarely during a long one, so that attempts do not add to its load. */
const PATIENCE = { initialIntervalMs: 200, backoffCoefficient: 2, maximumIntervalMs: 10_000 } as const

/** Bookkeeping: short statements against the store. */
const BOOKKEEPING = {
  startToCloseMs: 10_000,
  heartbeatMs: 0,
  retry: { ...PATIENCE, nonRetryable: FINAL },
  onCancel: 'wait',
} as const satisfies ActivityRow

/**
 * Activities that ask a provider or a tool. An attempt with an answer goes on storing it while the store is away, however long, so only its
 * heartbeats tell whether it is alive. The time of the request itself is in `MODEL_CLOCKS` and in the tools' rows.
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
        'model_cannot_read_files',
        'model_content_filtered',
      ],
    },
  },
  // It may ask a model for a summary.
  compactTranscript: { ...ASKING, retry: { ...PATIENCE, nonRetryable: FINAL } },
  chooseRoute: { ...ASKING, retry: { ...PATIENCE, nonRetryable: FINAL } },
  lookUpCall: { ...ASKING, retry: { ...PATIENCE, nonRetryable: FINAL } },
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
  noteDueStart: BOOKKEEPING,
  // Reports of all tenants, a statement each. Nobody waits for them, so a failed one is repeated less often than a run's activity.
  makeDailyReports: {
    startToCloseMs: 3_600_000,
    heartbeatMs: 10_000,
    retry: {
      initialIntervalMs: 10_000,
      backoffCoefficient: 2,
      maximumIntervalMs: 60_000,
      nonRetryable: FINAL,
    },
    onCancel: 'wait',
  },
  // One request to an endpoint; its own clocks are in `WEBHOOKS`. While the store is away the attempt goes on storing its outcome.
  attemptWebhook: { ...ASKING, retry: { ...PATIENCE, nonRetryable: FINAL } },
} as const satisfies Record<ActivityName, ActivityRow>

/**
 * How often providers and tools are tried. A try counts once it has reached them: failures of the product's own side use none up. Attempts whose
 * worker died are counted separately (`mostLost`), so that a call that kills its worker ends.
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
  /** Of one tool call. The tool's row has its own `attempts` and `timeoutMs`; those here are for calls of release 0.2.0. */
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

/** A local activity holds up its workflow task: after these attempts it goes on as a regular activity. */
export const LOCAL = {
  attempts: 3,
  /** For the store, in addition to a tool's own time. */
  spareMs: 3_000,
} as const

/** Repeats of storing an answer while the store is away. The wait stays short, since a worker that is asked to stop has only seconds. */
export const STORING: Backoff = { initialIntervalMs: 100, backoffCoefficient: 2, maximumIntervalMs: 1_000 }

/** Attempts after which a fault of the product's own code is final: about half a day. An outage is repeated without end. */
export const MOST_FAULTS = 5_000

/** Attempts for a run that the store does not know: soon after each other, so that a worker with the right store gets one, and not for long. */
export const UNKNOWN_RUN = { most: 20, everyMs: 1_000 } as const

/** The wait before try `n + 1`, after `n` of them. */
export function waitAfter(tries: number, backoff: Backoff): number {
  const { initialIntervalMs, backoffCoefficient, maximumIntervalMs } = backoff
  return Math.min(initialIntervalMs * backoffCoefficient ** (tries - 1), maximumIntervalMs)
}
