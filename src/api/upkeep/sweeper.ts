import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { HTTP } from '../../policies/api.ts'
import { ANSWER_CACHE } from '../../policies/models/answer-cache.ts'
import { WAKING } from '../../policies/models/breakers.ts'
import { DEPLOYS } from '../../policies/operations/deploys.ts'
import { FILES } from '../../policies/operations/files.ts'
import { PRESENCE } from '../../policies/operations/processes.ts'
import { REPORT_SCHEDULE } from '../../policies/operations/reports.ts'
import { SCHEDULES } from '../../policies/operations/schedules.ts'
import { dropOldStarts } from '../../store/schedules/scheduled-starts.ts'
import type { ApiContext } from '../context.ts'
import type { ScheduleParts } from '../schedules/take-up-start.ts'
import type { IdleBuild } from '../temporal/builds.ts'
import type { ReportSchedule } from '../temporal/report-schedule.ts'
import { closeEndedRunsJob } from './close-ended-runs.ts'
import { dropExpiredAnswersJob } from './drop-expired-answers.ts'
import { dropUnusedFilesJob } from './drop-unused-files.ts'
import { followTurns } from './follow-turns.ts'
import { forgetFullBucketsJob } from './forget-full-buckets.ts'
import { keepReportScheduleJob } from './keep-report-schedule.ts'
import { keepThreadsGoingJob } from './keep-threads-going.ts'
import { moveFromIdleBuildsJob } from './move-from-idle-builds.ts'
import { repeat } from './repeat.ts'
import { resendKillSwitchesOffJob } from './resend-kill-switches-off.ts'
import { setSchedulesJob } from './set-schedules.ts'
import { settleAbandonedCallsJob } from './settle-abandoned-calls.ts'
import { startAcceptedRunsJob } from './start-accepted-runs.ts'
import { takeUpDueStartsJob } from './take-up-due-starts.ts'
import { tellLostProcessesJob } from './tell-lost-processes.ts'
import { wakeWaitingRunsJob } from './wake-waiting-runs.ts'

/**
 * Repeats jobs while the server listens: they start runs that were accepted while Temporal was away, turns of threads and what schedules have
 * due, close runs that Temporal has ended, signal kill switches that are off and models that are back, ask runs of old builds to move, settle what dead workers have reserved, remove
 * cached answers that are too old, files that nobody uses and rows of limits that nobody uses, and log which processes have died. Several processes may do so at once.
 * When the server begins to listen, the Schedule of daily reports is set as well.
 *
 * @param reports null leaves the Schedule as it is
 */
export function addSweeper(
  server: FastifyInstance,
  parts: ScheduleParts &
    Pick<ApiContext, 'broadcast'> & {
      readonly logger: FastifyBaseLogger
      readonly taskQueue: string
      readonly idleBuilds: () => Promise<readonly IdleBuild[]>
    },
  reports: { readonly reports: 'on' | 'off'; readonly reportSchedule: ReportSchedule } | null,
): void {
  const { logger } = parts
  const stops: (() => Promise<void>)[] = []
  server.addHook('onListen', async () => {
    stops.push(
      repeat(HTTP.sweepEveryMs, startAcceptedRunsJob(parts), logger),
      repeat(HTTP.sweepEveryMs, keepThreadsGoingJob(parts), logger),
      repeat(HTTP.reconcileEveryMs, closeEndedRunsJob(parts), logger),
      repeat(HTTP.settleEveryMs, settleAbandonedCallsJob(parts), logger),
      repeat(HTTP.releaseEveryMs, forgetFullBucketsJob(parts), logger),
      repeat(ANSWER_CACHE.dropEveryMs, dropExpiredAnswersJob(parts), logger),
      repeat(FILES.dropEveryMs, dropUnusedFilesJob(parts), logger),
      repeat(HTTP.releaseEveryMs, resendKillSwitchesOffJob(parts), logger),
      repeat(PRESENCE.everyMs, tellLostProcessesJob(parts), logger),
      repeat(WAKING.everyMs, wakeWaitingRunsJob(parts), logger),
      repeat(DEPLOYS.moveEveryMs, moveFromIdleBuildsJob(parts), logger),
      repeat(SCHEDULES.setEveryMs, setSchedulesJob(parts), logger),
      repeat(SCHEDULES.takeUpEveryMs, takeUpDueStartsJob(parts), logger),
      repeat(SCHEDULES.dropEveryMs, () => dropOldStarts(parts.database), logger),
    )
    stops.push(await followTurns(parts))
    if (reports !== null) {
      const job = keepReportScheduleJob({ ...reports, logger })
      stops.push(repeat(REPORT_SCHEDULE.setEveryMs, job, logger, 'success'))
    }
  })
  server.addHook('onClose', async () => {
    await Promise.all(stops.map((stop) => stop()))
  })
}
