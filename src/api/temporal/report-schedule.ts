import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client'
import { HTTP } from '../../policies/api.ts'
import { REPORT_SCHEDULE } from '../../policies/operations/reports.ts'
import { DAILY_REPORT } from '../../workflows/daily-report.messages.ts'
import { callWithin } from './call-temporal.ts'

/** The Temporal Schedule that has daily reports made. */
export interface ReportSchedule {
  /** Creates it, or brings it up to date. Whether somebody has paused it stays as it is. */
  put(): Promise<void>
  /** Does nothing where there is none. */
  remove(): Promise<void>
}

/** `holdfast-daily-report`, unless the installation has another task queue: several may share a namespace. */
export function reportScheduleId(taskQueue: string): string {
  return `${taskQueue}-daily-report`
}

export function createReportSchedule(client: Client, taskQueue: string): ReportSchedule {
  const options = optionsFor(taskQueue)
  const { spec, action, policies } = options
  const schedule = () => client.schedule.getHandle(options.scheduleId)
  const within = <T>(call: () => Promise<T>) => callWithin(client, HTTP.upkeepTimeoutMs, call)

  return {
    async put() {
      try {
        await within(() => client.schedule.create(options))
      } catch (error) {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error
        await within(() => schedule().update(({ state }) => ({ spec, action, policies, state })))
      }
    },
    async remove() {
      try {
        await within(() => schedule().delete())
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error
      }
    },
  }
}

function optionsFor(taskQueue: string) {
  const scheduleId = reportScheduleId(taskQueue)
  return {
    scheduleId,
    spec: {
      calendars: [
        { hour: '*', minute: REPORT_SCHEDULE.minute, comment: 'half past midnight of every tenant' },
      ],
    },
    action: {
      type: 'startWorkflow',
      workflowType: DAILY_REPORT,
      workflowId: scheduleId,
      taskQueue,
      args: [],
    },
    // A look that goes on, as while the store is away, makes what the next one would.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: REPORT_SCHEDULE.catchUpMs },
  } satisfies ScheduleOptions
}
