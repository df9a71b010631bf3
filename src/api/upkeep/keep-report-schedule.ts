import type { FastifyBaseLogger } from 'fastify'
import type { ReportSchedule } from '../temporal/report-schedule.ts'

interface Parts {
  readonly reports: 'on' | 'off'
  readonly reportSchedule: ReportSchedule
  readonly logger: Pick<FastifyBaseLogger, 'info'>
}

/**
 * A job that puts the Schedule of daily reports in place, or removes it where reports are off. It is to succeed once: a Schedule that somebody
 * deletes or changes by hand stays so until an API starts.
 */
export function keepReportScheduleJob({ reports, reportSchedule, logger }: Parts): () => Promise<void> {
  return async () => {
    if (reports === 'on') await reportSchedule.put()
    else await reportSchedule.remove()
    logger.info({ reports }, 'schedule of daily reports set')
  }
}
