import { activityInfo, cancellationSignal } from '@temporalio/activity'
import type { Activities } from '../../contracts/activities.ts'
import { REPORTS } from '../../policies/operations/reports.ts'
import { isOutage } from '../../store/database/outage.ts'
import { findDueDays, findTenants } from '../../store/reports/due-reports.ts'
import { keepReport } from '../../store/reports/kept-reports.ts'
import { makeReport } from '../../store/reports/make-report.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { withHeartbeat } from '../with-heartbeat.ts'

/**
 * Makes the daily reports that are due, of all tenants: of days that are over there and have none, those missed by an outage included,
 * and of the last days where a call was settled since. An attempt goes on where the one before it ended.
 *
 * It belongs to no run, so no accepted run says who may call it. It takes no input instead: which days are due is the store's word alone.
 * Whoever reaches Temporal and calls it finds that nothing is due, or makes reports that would have been made within the hour.
 */
export function createMakeDailyReports({
  database,
  logger,
}: Pick<Dependencies, 'database' | 'logger'>): Activities['makeDailyReports'] {
  return () =>
    withHeartbeat(async () => {
      let made = 0
      const failed: string[] = []
      for (const tenant of await findTenants(database)) {
        try {
          made += await makeReportsOf(tenant)
        } catch (error) {
          if (isOutage(error) || cancellationSignal().aborted) throw error
          // The other tenants' reports do not wait for this one's.
          logger.error({ err: error, tenant }, 'daily reports not made')
          failed.push(tenant)
        }
      }
      // What cannot be made is left to the Schedule's next look.
      if (failed.length > 0) {
        throw failure('makeDailyReports', 'internal', { final: activityInfo().attempt >= REPORTS.attempts })
      }
      return { made }
    })

  async function makeReportsOf(tenant: string): Promise<number> {
    const days = await findDueDays(database, tenant)
    for (const day of days) {
      cancellationSignal().throwIfAborted()
      const report = await makeReport(database, tenant, day)
      await keepReport(database, report)
      // The report is kept from here on: who is to be told of a new one is told here.
      logger.info({ tenant, day, costMicroUsd: report.total.costMicroUsd }, 'daily report made')
    }
    return days.length
  }
}
