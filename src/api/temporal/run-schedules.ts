import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client'
import type { Schedule, ScheduleId, Timing } from '../../contracts/schedules/schedule.ts'
import { HTTP } from '../../policies/api.ts'
import { SCHEDULED_START } from '../../workflows/scheduled-start.messages.ts'
import { callTemporal } from './call-temporal.ts'

/** Temporal's Schedules of the store's schedules. Every call throws Problem `unavailable` where Temporal does not answer. */
export interface RunSchedules {
  /** Brings Temporal's Schedule in line with this revision of the store's, unless it has a later one. */
  put(schedule: Schedule, revision: number): Promise<void>
  /** Does nothing where there is none. */
  remove(schedule: Pick<Schedule, 'tenant' | 'id'>): Promise<void>
  /** The next times; none where it is paused, where no time fits, and where Temporal does not have it yet. */
  nextStarts(schedule: Pick<Schedule, 'tenant' | 'id'>): Promise<string[]>
}

/** The Schedule's id in Temporal, and the beginning of the ids of its workflows. */
export function temporalScheduleId({ tenant, id }: Pick<Schedule, 'tenant' | 'id'>): string {
  return `schedule/${tenant}/${id}`
}

export function createRunSchedules(client: Client, taskQueue: string): RunSchedules {
  const within = <T>(call: () => Promise<T>) => callTemporal(client, HTTP.startTimeoutMs, call)
  const handleOf = (schedule: Pick<Schedule, 'tenant' | 'id'>) =>
    client.schedule.getHandle(temporalScheduleId(schedule))

  return {
    async put(schedule, revision) {
      const wanted = optionsFor(schedule, revision, taskQueue)
      await within(async () => {
        try {
          await client.schedule.create(wanted)
        } catch (error) {
          if (!(error instanceof ScheduleAlreadyRunning)) throw error
          const { spec, action, policies, state } = wanted
          // Temporal refuses what was made of a description that is out of date, so that an older revision never comes last.
          await handleOf(schedule).update((current) =>
            revisionOf(current.state.note) > revision
              ? { ...current, action }
              : { spec, action, policies, state },
          )
        }
      })
    },
    async remove(schedule) {
      await within(() => unlessMissing(handleOf(schedule).delete()))
    },
    async nextStarts(schedule) {
      const described = await within(() => unlessMissing(handleOf(schedule).describe()))
      if (described === null || described.state.paused) return []
      return described.info.nextActionTimes.map((time) => time.toISOString())
    },
  }
}

/**
 * Every start becomes a workflow of its own, which only notes it: whether its run may begin beside another is decided in the store, which
 * knows the runs.
 */
function optionsFor(schedule: Schedule, revision: number, taskQueue: string) {
  const { id, timing, catchUpMs, pausedAt, stoppedAt } = schedule
  const scheduleId = temporalScheduleId(schedule)
  const args: [{ readonly scheduleId: ScheduleId }] = [{ scheduleId: id }]
  return {
    scheduleId,
    spec: specOf(timing),
    action: {
      type: 'startWorkflow' as const,
      workflowType: SCHEDULED_START,
      workflowId: scheduleId,
      taskQueue,
      args,
    },
    policies: { overlap: ScheduleOverlapPolicy.ALLOW_ALL, catchupWindow: catchUpMs },
    state: { paused: pausedAt !== null || stoppedAt !== null, note: `${NOTE}${revision}` },
  }
}

function specOf(timing: Timing) {
  if (timing.type === 'cron') return { cronExpressions: [timing.cron], timezone: timing.timeZone }
  return { intervals: [{ every: timing.everyMs, offset: timing.offsetMs }] }
}

const NOTE = 'revision '

/** 0 where somebody has written another note by hand. */
function revisionOf(note: string | undefined): number {
  return Number(note?.startsWith(NOTE) ? note.slice(NOTE.length) : 0) || 0
}

async function unlessMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null
    throw error
  }
}
