import type { RecordedCredential } from '../access/credential.ts'
import type { ErrorCode } from '../error-codes.ts'
import type { JsonObject } from '../json.ts'
import type { RunId } from '../runs/run.ts'

/** `sch_` and 26 characters that sort by time of creation. */
export type ScheduleId = `sch_${string}`

/** When runs are started. */
export type Timing =
  /** Five fields: minute, hour, day of the month, month, day of the week. A time has to fit all of them. */
  | { readonly type: 'cron'; readonly cron: string; readonly timeZone: string }
  /** Every so many milliseconds since 1970, shifted by the offset. */
  | { readonly type: 'interval'; readonly everyMs: number; readonly offsetMs: number }

/** What happens to a start while a run of the schedule is under way. */
export const OVERLAPS = ['skip', 'buffer_one', 'cancel_other', 'allow_all'] as const
export type Overlap = (typeof OVERLAPS)[number]

/** Has the runs of a principal started at times, or at a person's word. Times are RFC 3339. */
export interface Schedule {
  readonly id: ScheduleId
  readonly tenant: string
  /** Whose the runs are. */
  readonly principal: string
  /** The API key whose rights each start has; null where nobody was asked for a key. */
  readonly keyId: string | null
  readonly timing: Timing
  /** The body with which each run is started, as the API takes it. */
  readonly start: JsonObject
  readonly overlap: Overlap
  readonly catchUpMs: number
  readonly pausedAt: string | null
  /** Its key was found revoked or expired: it starts nothing until its principal resumes it. */
  readonly stoppedAt: string | null
  /** null: created by a build that kept none, or where nobody is asked for a credential. */
  readonly createdBy: RecordedCredential | null
  readonly createdAt: string
  /** The last to have changed, paused or resumed it; null where nobody has, and as in `createdBy`. */
  readonly updatedBy: RecordedCredential | null
  readonly updatedAt: string
}

/** `due`: nothing is decided yet. `waiting`: for the run before it to end. The others are final. */
export const START_OUTCOMES = ['due', 'waiting', 'started', 'skipped', 'missed', 'refused'] as const
export type StartOutcome = (typeof START_OUTCOMES)[number]

/** One time at which a schedule was to start a run, and what came of it. */
export interface ScheduledStart {
  /** Also the idempotency key of its run: one start makes one run, however often it is tried. */
  readonly id: string
  readonly scheduleId: ScheduleId
  readonly at: string
  /** Who asked for it by hand; null: its time had come. */
  readonly askedBy: string | null
  readonly outcome: StartOutcome
  /** Why it was refused. */
  readonly code: ErrorCode | null
  readonly runId: RunId | null
}

/** What the workflow tells the store: the schedule's time has come. */
export interface NoteDueStartInput {
  readonly scheduleId: ScheduleId
  readonly at: string
}
